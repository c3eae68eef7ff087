from django.apps import AppConfig


class RecipientsConfig(AppConfig):
    name = "kept.rights.recipients"
    label = "recipients"
