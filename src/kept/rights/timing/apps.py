from django.apps import AppConfig


class TimingConfig(AppConfig):
    name = "kept.rights.timing"
    label = "timing"
