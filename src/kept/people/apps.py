from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class PeopleConfig(AppConfig):
    name = "kept.people"

    def ready(self) -> None:
        from kept.people import signals  # noqa: F401  (connects its receivers)
        from kept.people.persons import person_of
        from kept.vault.whose import keys_are_known_by

        autodiscover_modules("matters")  # what each room tells the others of its own
        keys_are_known_by(lambda address: person_of(address).pk)
