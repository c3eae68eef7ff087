from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class VaultConfig(AppConfig):
    name = "kept.vault"

    def ready(self) -> None:
        post_migrate.connect(_first_keys, sender=self)


def _first_keys(using: str, **_: Any) -> None:
    from django.utils import timezone

    from kept.vault.keys import make_first_keys

    if "vault_generation" in connections[using].introspection.table_names():  # else it was not migrated so far
        make_first_keys(at=timezone.now(), using=using)
