from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "kept.rights.api"
    label = "api"
