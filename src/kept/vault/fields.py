"""Fields that are sealed in the database and open in Python: sealed when saved, opened when first read.

    key = models.BigIntegerField(null=True)  # the number of the key that seals; None: nothing is sealed
    text = SealedTextField()
    to = SealedTextField(index="to_index")
    to_index = KeyedIndexField(of="to", kind="email")

An empty value is stored empty: it says nothing. A row's primary key is part of what is authenticated, so it must be
known before the row is saved; `bound_to` names other fields instead where it is not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.db import models
from django.db.models import lookups
from django.db.models.expressions import Col
from django.db.models.query_utils import DeferredAttribute

from kept.vault.errors import CannotSeal, KeyDestroyed, Unreadable
from kept.vault.index import address_index, index_of
from kept.vault.keys import cipher, ciphers
from kept.vault.seal import bound_to, seal, unseal

if TYPE_CHECKING:
    _Bytes = models.BinaryField[Any, Any]
else:
    _Bytes = models.BinaryField


class Sealed(bytes):
    """What the column holds, not opened yet."""


class _Opener(DeferredAttribute):
    """Opens a value when it is first read, with the key of its row."""

    field: SealedTextField

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        if instance is None:
            return self
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            number = getattr(instance, self.field.key)
            if number is None:
                raise KeyDestroyed(self.field.place)
            known = cipher(number)
            for other in sealed_fields(type(instance)):  # the next one is read soon: one statement for all
                closed = instance.__dict__.get(other.attname)
                if isinstance(closed, Sealed) and other.key == self.field.key and other is not self.field:
                    with suppress(Unreadable):  # whoever reads that one is told
                        instance.__dict__[other.attname] = other.opened(instance, closed, known)
            value = instance.__dict__[self.field.attname] = self.field.opened(instance, value, known)
        return value

    def __set__(self, instance: models.Model, value: object) -> None:
        instance.__dict__[self.field.attname] = value


class SealedTextField(_Bytes):
    """A text of any length. Reading it raises KeyDestroyed, Unreadable, MasterKeyProblem."""

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any
    descriptor_class = _Opener
    empty: Any = ""

    def __init__(
        self, *args: Any, key: str = "key", bound_to: Sequence[str] = ("pk",), index: str = "", **kwargs: Any
    ) -> None:
        kwargs.setdefault("default", self.empty_default())
        kwargs.setdefault("blank", True)
        self.key, self.bound, self.index = key, tuple(bound_to), index
        super().__init__(*args, **kwargs)

    @classmethod
    def empty_default(cls) -> Any:
        return cls.empty

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs |= {"default": self.default, "blank": self.blank}
        kwargs |= {"key": self.key} if self.key != "key" else {}
        kwargs |= {"bound_to": self.bound} if self.bound != ("pk",) else {}
        kwargs |= {"index": self.index} if self.index else {}
        return name, path, args, kwargs

    def _check_str_default_value(self) -> list[Any]:
        return []  # in Python it is a text

    @property
    def place(self) -> str:
        """ "post_message.text" """
        return f"{self.model._meta.db_table}.{self.column}"

    def as_bytes(self, value: Any) -> bytes:
        return str(value).encode("utf-8", "surrogatepass")

    def as_value(self, plain: bytes) -> Any:
        return plain.decode("utf-8", "surrogatepass")

    def from_db_value(self, value: Any, *_: object) -> Any:
        return Sealed(value) if value else self.empty_default()

    def to_python(self, value: Any) -> Any:
        return value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname, self.empty_default())
        if isinstance(value, Sealed) or value == self.empty:
            return value
        number = getattr(model_instance, self.key)
        if number is None:
            raise CannotSeal(f"{self.place}: its row has no key")
        return Sealed(seal(cipher(number), self.as_bytes(value), self.bound_bytes(model_instance, number)))

    def get_prep_value(self, value: Any) -> bytes:
        if value is None or value == self.empty or value == b"":
            return b""
        if isinstance(value, bytes | memoryview):
            return bytes(value)
        raise CannotSeal(f"{self.place}: a value is sealed with its row, by save(), never by a statement")

    def bound_fields(self) -> list[models.Field[Any, Any]]:
        """Those whose values name the row."""
        meta = self.model._meta
        by_attname = {one.attname: one for one in meta.local_concrete_fields}
        return [by_attname[meta.pk.attname if name == "pk" else name] for name in self.bound]

    def bound_bytes(self, instance: models.Model, number: int) -> bytes:
        parts = [getattr(instance, name) for name in self.bound]
        if any(part is None for part in parts):
            raise CannotSeal(f"{self.place}: {', '.join(self.bound)} must be known before the row is saved")
        return bound_to(number, self.place, "\0".join(str(part) for part in parts))

    def opened(self, instance: models.Model, value: Sealed, known: AESGCM) -> Any:
        number = getattr(instance, self.key)
        return self.as_value(unseal(known, value, self.bound_bytes(instance, number)))


class SealedJSONField(SealedTextField):
    """A JSON object. Changed in place, it is sealed anew when the row is saved."""

    empty: Any = {}

    @classmethod
    def empty_default(cls) -> Any:
        return dict

    def as_bytes(self, value: Any) -> bytes:
        return json.dumps(value, separators=(",", ":")).encode()

    def as_value(self, plain: bytes) -> Any:
        return json.loads(plain)

    def from_db_value(self, value: Any, *_: object) -> Any:
        return Sealed(value) if value else {}


class KeyedIndexField(_Bytes):
    """The keyed hash of another field of the row, set whenever the row is saved. Empty where that is empty.

    `kind="email"`: of the address in its normal form. `kind="identifier"`: of an identifier as `Identifier.written`
    gives it, so that numbers of accounts are found as well.
    """

    def __init__(self, *args: Any, of: str, kind: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 16)
        kwargs.setdefault("default", b"")
        self.of, self.kind = of, kind
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return (
            name,
            path,
            args,
            {**kwargs, "of": self.of, "default": self.default} | ({"kind": self.kind} if self.kind else {}),
        )

    @property
    def place(self) -> str:
        return f"{self.model._meta.db_table}.{self.of}"

    def digest(self, text: str) -> bytes:
        if not text:
            return b""
        return address_index(self.place, text) if self.kind == "email" else index_of(self.place, text)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        source = model_instance._meta.get_field(self.of).attname  # type: ignore[union-attr]
        value = model_instance.__dict__.get(source, "")
        if not isinstance(value, Sealed):
            setattr(model_instance, self.attname, self.digest(value) or (None if self.null else b""))
        return super().pre_save(model_instance, add)


class _ByIndex:
    """A lookup of a sealed field that goes to its keyed index instead."""

    def __init__(self, lhs: Any, rhs: Any) -> None:
        field = lhs.output_field
        if isinstance(lhs, Col) and isinstance(field, SealedTextField) and field.index and rhs:
            at = field.model._meta.get_field(field.index)
            assert isinstance(at, KeyedIndexField)  # noqa: S101 - the model says so
            texts = [rhs] if isinstance(rhs, str) else list(rhs)
            digests = [at.digest(text) for text in texts]
            lhs, rhs = Col(lhs.alias, at), digests[0] if isinstance(rhs, str) else digests
        super().__init__(lhs, rhs)  # type: ignore[call-arg]


@SealedTextField.register_lookup
class _Exact(_ByIndex, lookups.Exact):
    pass


@SealedTextField.register_lookup
class _In(_ByIndex, lookups.In):
    pass


def sealed_fields(model: type[models.Model]) -> list[SealedTextField]:
    return [field for field in model._meta.local_concrete_fields if isinstance(field, SealedTextField)]


def sealed_models() -> Iterator[tuple[type[models.Model], list[SealedTextField]]]:
    """Every model with sealed fields, in the order of its table's name."""
    for model in sorted(apps.get_models(), key=lambda one: one._meta.db_table):
        if fields := sealed_fields(model):
            yield model, fields


def open_all(rows: Iterable[models.Model]) -> None:
    """Open every sealed field of these rows with one statement for all their keys, not one for each row.

    What cannot be opened stays sealed, and says so when it is read.
    """
    waiting = [
        (row, field, value, getattr(row, field.key))
        for row in rows
        for field in sealed_fields(type(row))
        if isinstance(value := row.__dict__.get(field.attname), Sealed)
    ]
    known = ciphers(number for *_, number in waiting if number is not None)
    for row, field, value, number in waiting:
        if number in known:
            with suppress(Unreadable):
                row.__dict__[field.attname] = field.opened(row, value, known[number])
