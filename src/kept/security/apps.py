from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class SecurityConfig(AppConfig):
    name = "kept.security"

    def ready(self) -> None:
        autodiscover_modules("approvals")  # what each room lets only two persons do
