from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class TimingConfig(AppConfig):
    name = "kept.rights.timing"
    label = "timing"

    def ready(self) -> None:
        autodiscover_modules("canaries")
