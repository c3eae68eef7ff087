from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class MandatesConfig(AppConfig):
    name = "kept.rights.mandates"
    label = "mandates"

    def ready(self) -> None:
        autodiscover_modules("canaries")
