from django.apps import AppConfig


class AutomatedConfig(AppConfig):
    name = "kept.rights.automated"
    label = "automated"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kept.rights.automated import readiness

        readiness.register()
