from django.apps import AppConfig
from django.core.checks import register
from django.utils.module_loading import autodiscover_modules


class PolicyConfig(AppConfig):
    name = "kept.policy"

    def ready(self) -> None:
        from kept.policy.checks import check_policy

        autodiscover_modules("promises")  # every room's keepers
        register(check_policy)
