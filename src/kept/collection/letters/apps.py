from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "kept.collection.letters"
    label = "letters"
