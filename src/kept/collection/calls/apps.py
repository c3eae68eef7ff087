from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "kept.collection.calls"
    label = "calls"
