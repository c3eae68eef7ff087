from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class AlertsConfig(AppConfig):
    name = "kept.rights.alerts"
    label = "alerts"

    def ready(self) -> None:
        from kept.rights.alerts.access import lacks_word
        from kept.rights.ready import EVERY_RIGHT, before_approval

        before_approval(EVERY_RIGHT, lacks_word)
        autodiscover_modules("canaries")
