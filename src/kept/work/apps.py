from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class WorkConfig(AppConfig):
    name = "kept.work"

    def ready(self) -> None:
        autodiscover_modules("tasks")
