from django.apps import AppConfig


class DrpConfig(AppConfig):
    name = "kept.rights.drp"
    label = "drp"

    def ready(self) -> None:
        from kept.rights.drp import signals  # noqa: F401  (connects its receiver)
