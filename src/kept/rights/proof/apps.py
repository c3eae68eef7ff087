from django.apps import AppConfig


class ProofConfig(AppConfig):
    name = "kept.rights.proof"
    label = "proof"

    def ready(self) -> None:
        from kept.rights.proof.standing import lacks_proof
        from kept.rights.ready import EVERY_RIGHT, before_approval

        before_approval(EVERY_RIGHT, lacks_proof)
