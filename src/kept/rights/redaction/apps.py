from django.apps import AppConfig


class RedactionConfig(AppConfig):
    name = "kept.rights.redaction"
    label = "redaction"
    default_auto_field = "django.db.models.BigAutoField"
