from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class MessagesConfig(AppConfig):
    name = "kept.rights.messages"
    label = "case_messages"  # "messages" is Django's

    def ready(self) -> None:
        autodiscover_modules("canaries", "tasks")
