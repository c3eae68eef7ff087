from django.apps import AppConfig


class RedactionConfig(AppConfig):
    name = "kept.rights.redaction"
    label = "redaction"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kept.rights.redaction import readiness

        readiness.register()
