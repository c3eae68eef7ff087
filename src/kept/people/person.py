"""The data subject: one number, which is that of the key that seals what Kept holds about them."""

from __future__ import annotations

from django.db import models


class Person(models.Model):
    """Somebody with an account, or who only ever asked something. Deleted together with their key."""

    number = models.BigIntegerField(primary_key=True)  # of vault.Key
    account = models.OneToOneField("people.Account", models.SET_NULL, null=True, related_name="person")
    address_index = models.BinaryField(max_length=16, unique=True)  # keyed: of the address that leads to them

    class Meta:
        app_label = "people"

    def __str__(self) -> str:
        return f"person {self.number}"
