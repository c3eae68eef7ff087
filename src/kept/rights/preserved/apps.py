from django.apps import AppConfig


class PreservedConfig(AppConfig):
    name = "kept.rights.preserved"
    label = "preserved"
