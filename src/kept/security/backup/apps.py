from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class BackupConfig(AppConfig):
    name = "kept.security.backup"
    label = "backup"

    def ready(self) -> None:
        autodiscover_modules("again")  # how each room does again what a restore lost
