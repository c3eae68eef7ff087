from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class RightingConfig(AppConfig):
    name = "kept.rights.righting"
    label = "righting"

    def ready(self) -> None:
        from kept.rights.righting import readiness

        readiness.register()
        autodiscover_modules("canaries")
