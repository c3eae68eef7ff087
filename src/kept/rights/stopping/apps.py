from django.apps import AppConfig


class StoppingConfig(AppConfig):
    """Marks in the company's systems, and the end of a restriction."""

    name = "kept.rights.stopping"
    label = "stopping"

    def ready(self) -> None:
        from kept.rights.actions.at_once import lacking
        from kept.rights.ready import before_approval

        before_approval("restriction", lacking)
