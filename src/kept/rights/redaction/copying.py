"""A system whose rows leave it without what they say about other people, as it was decided for each case."""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

from django.conf import settings

from kept.engine.pack import Pack
from kept.engine.package import Source
from kept.engine.subject import Batch, HeldRow, Subject
from kept.engine.third_parties import Redactor, Whose
from kept.rights.redaction.access import Decisions
from kept.rights.redaction.deciding import as_copied, suggested
from kept.rights.redaction.models import TextReview
from kept.rights.redaction.texts import changed
from kept.vault.index import index_of


@dataclass(frozen=True)
class Redacting:
    """`source` as it is, but for the texts. `decisions`: by the number of the subject in the batch.

    `secret`: that of the indexes. The rows are read in a thread that asks Kept's own store for nothing.
    """

    source: Source
    subjects: Sequence[Subject]
    decisions: Sequence[Decisions]
    secret: bytes = field(repr=False)

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def title(self) -> str:
        return self.source.title

    @property
    def shipped(self) -> Pack:
        return self.source.shipped

    @cached_property
    def redactors(self) -> Mapping[int, Redactor]:
        pairs = zip(self.subjects, self.decisions, strict=True)
        return {number: redactor_for(one, known.names) for number, (one, known) in enumerate(pairs)}

    def rows(self, batch: Batch, only: Collection[str] | None = None) -> Generator[HeldRow, None, None]:
        for row in self.source.rows(batch, only):
            yield self.without_others(row)

    def without_others(self, row: HeldRow) -> HeldRow:
        return changed(row, partial(self._text, row.subject))

    def _text(self, subject: int, table: str, column: str, own: bool, text: str) -> tuple[str, int]:
        """What an officer decided on this very text; else as it is suggested."""
        known = self.decisions[subject].marks
        if known:
            marks = known.get((self.name, table, column, index_of(INDEX.place, text, self.secret)))
            if marks is not None:
                return as_copied(text, marks)
        return (text, 0) if own else as_copied(text, suggested(self.redactors[subject].suggest(text), own=False))


def redactor_for(subject: Subject, names: frozenset[str]) -> Redactor:
    hosts = frozenset({settings.CONTACT.rpartition("@")[2].rstrip(">").lower()})
    return Redactor(Whose(subject.identifiers, names, settings.COMPANY, hosts))


# By which a text is known again.
INDEX = TextReview._meta.get_field("text_index")
