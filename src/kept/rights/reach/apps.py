from django.apps import AppConfig


class ReachConfig(AppConfig):
    name = "kept.rights.reach"
    label = "reach"
