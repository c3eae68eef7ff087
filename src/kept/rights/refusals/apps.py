from django.apps import AppConfig


class RefusalsConfig(AppConfig):
    name = "kept.rights.refusals"
    label = "refusals"
