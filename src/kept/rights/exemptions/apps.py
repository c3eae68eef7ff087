from django.apps import AppConfig


class ExemptionsConfig(AppConfig):
    name = "kept.rights.exemptions"
    label = "exemptions"
