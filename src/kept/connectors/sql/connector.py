"""One database as the engine sees it."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import sqlalchemy as sa

from kept.connectors.sql import catalogue as live_catalogue
from kept.connectors.sql import change, export, mark, rectify, second_look
from kept.connectors.sql.connect import address, open_engine, plain_errors
from kept.connectors.sql.correctable import unfit_corrections
from kept.connectors.sql.explain import explain, redact_strays
from kept.connectors.sql.preflight import check_faults, unfit_constants
from kept.connectors.sql.reach import View
from kept.connectors.sql.read_out import Row
from kept.connectors.sql.said import identifying, known_by, people_of, said_of_all
from kept.connectors.sql.stream import no_result_left_open, stream
from kept.engine.catalogue import Catalogue, Table
from kept.engine.details import Correction, Detail
from kept.engine.drift import disagreements, drift
from kept.engine.errors import Fault, NotAnIdentifier, PlanRefused, WrongPack
from kept.engine.fitting import fitted
from kept.engine.identifiers import normal
from kept.engine.marking import Marked, MarkPlan, Unmarked, make_mark_plan
from kept.engine.pack import MarkName, Pack
from kept.engine.packs import named
from kept.engine.plan import Plan, make_plan
from kept.engine.rectifying import CorrectionPlan, Line, detail_faults, make_correction_plan
from kept.engine.resolve import Record
from kept.engine.subject import Batch, Change, HeldRow, Holding, Residue, Subject, TakenOut
from kept.engine.traces import Finder, traces_of
from kept.terms import Identifier

# What `held` keeps open, by connector: for this thread, and for those that it starts with a copy of its context.
_held: ContextVar[Mapping[int, tuple[sa.Connection, View]]] = ContextVar("held", default=MappingProxyType({}))


class SqlConnector:
    """A SQLite, PostgreSQL, MariaDB or MySQL database with its pack. Safe to keep open and to share between threads.

    Every method may raise SystemUnreachable, SystemRefused and WrongPack, and changes nothing when it does.
    """

    def __init__(self, name: str, url: str, pack: Pack) -> None:
        self.name = name
        self.title = pack.title
        self.shipped = named(pack, name)
        self.engine = open_engine(address(url, pack.title))
        self.catalogue: Catalogue | None = None
        self._view: View | None = None
        self.plans: dict[tuple[str, date], Plan] = {}

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def held(self) -> Iterator[None]:
        """One transaction for all reading inside: the catalogue is compared once, and every answer is of one moment."""
        with self.session(repeatable=True) as both:
            before = _held.set({**_held.get(), id(self): both})
            try:
                yield
            finally:
                _held.reset(before)

    @contextmanager
    def session(self, *, write: bool = False, repeatable: bool = False) -> Iterator[tuple[sa.Connection, View]]:
        """A transaction with the live catalogue in view; rolled back unless it is for writing and ends well."""
        reading = _held.get().get(id(self))
        if reading and not write:
            with plain_errors(self.title), no_result_left_open(reading[0]):
                yield reading
            return
        with plain_errors(self.title), self.engine.connect() as connection:
            if repeatable and connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            if connection.dialect.name == "sqlite" and write:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            with no_result_left_open(connection):
                yield connection, self.view(connection)
            if write:
                connection.commit()
            else:
                connection.rollback()

    def beside(
        self, connection: sa.Connection, view: View, table: Table, finder: Finder
    ) -> tuple[Sequence[str], Iterator[Row]] | None:
        """What the second look reads of a table beside the columns that anybody can read; None: there is nothing."""
        return None

    def read_catalogue(self) -> Catalogue:
        """What is there, whatever the pack says."""
        with plain_errors(self.title), self.engine.connect() as connection:
            return live_catalogue.read(connection)

    def view(self, connection: sa.Connection) -> View:
        self.catalogue = live_catalogue.read(connection, self.catalogue)
        missing = [table for table in self.shipped.tables if table not in self.catalogue.tables]
        probed = [table for table in self.probes() if table not in self.catalogue.tables]
        if (probed and len(probed) == len(self.probes())) or len(missing) == len(self.shipped.tables):
            raise WrongPack(
                self.title, f"the pack does not fit: there is no table {', '.join(sorted(probed or missing)[:5])}"
            )
        known = self._view
        if known is None or known.catalogue is not self.catalogue:
            known = self._view = View(connection.dialect.name, self.catalogue, fitted(self.shipped, self.catalogue))
        return known

    def probes(self) -> tuple[str, ...]:
        return self.shipped.probe or tuple(self.shipped.tables)

    def check(self) -> tuple[list[Fault], list[Fault]]:
        """Compare pack and database: what stops an erasure, a mark or a correction, and what is unknown beside."""
        with self.session() as (connection, view):
            faults: list[Fault] = []
            unknown = list(drift(view.pack, view.catalogue))
            try:
                plan = make_plan(view.pack, view.catalogue, date.today())  # noqa: DTZ011 - any day shows the same faults
                faults += check_faults(connection, view, plan)
            except PlanRefused as refused:
                faults += refused.faults
            try:
                faults += unfit_constants(connection, view, make_mark_plan(view.pack, view.catalogue))
            except PlanRefused as refused:
                faults += refused.faults
            faults += detail_faults(view.pack, view.catalogue)
            return list(dict.fromkeys(faults)), unknown

    def records(self, batch: Batch) -> list[list[Record]]:
        """For each subject, its own records as far as they say who it is: one statement per table of people."""
        found: list[list[Record]] = [[] for _ in batch]
        with self.session() as (connection, view):
            self.readable(view)
            for rule, statement in people_of(view, batch):
                columns = identifying(view, rule)
                for row in connection.execute(statement):
                    values = [
                        (kind, scope, str(text))
                        for (_, kind, scope), text in zip(columns, row[1:], strict=True)
                        if text is not None and str(text).strip()
                    ]
                    found[row[0]].append(Record(rule.name, tuple(values)))
        return found

    def known_by(self, batch: Batch) -> list[frozenset[Identifier]]:
        """For each subject, what else their own rows say of them: domain names, user names, telephone numbers, streets.

        A user name of one system says nothing in another. One statement; what cannot be read identifies nobody.
        """
        found: list[set[Identifier]] = [set() for _ in batch]
        with self.session() as (connection, view):
            self.readable(view)
            for subject, kind, scope, text in known_by(connection, view, batch):
                if kind == "username" and "@" in text:
                    continue  # an address, which is known as one where it is the person's
                with suppress(NotAnIdentifier):
                    found[subject].add(normal(kind, text, scope=self.name if kind == "username" else scope))
        return [frozenset(one) for one in found]

    def everybody(self) -> Iterator[Identifier]:
        """Every strong identifier that a column holds for itself, whoever's it is: for a list that names nobody."""
        with self.session() as (connection, view):
            self.readable(view)
            for kind, scope, statement in said_of_all(view):
                for (text,) in stream(connection, statement):
                    with suppress(NotAnIdentifier):
                        yield normal(kind, str(text), scope=scope)

    def count(self, batch: Batch, on: date) -> list[list[Holding]]:
        """What there is about each subject, table by table."""
        with self.session() as (connection, view):
            self.readable(view)
            return export.count(connection, view, batch, on)

    def rows(self, batch: Batch, only: Collection[str] | None = None) -> Generator[HeldRow, None, None]:
        """Every row of the batch, streamed: table by table, subject by subject."""
        with self.session() as (connection, view):
            self.readable(view)
            yield from export.rows(connection, view, batch, only)

    def drift(self) -> list[Fault]:
        """What makes an answer from this system incomplete: unknown tables and columns."""
        with self.session() as (_, view):
            return [*disagreements(view.pack, view.catalogue), *drift(view.pack, view.catalogue)]

    def readable(self, view: View) -> None:
        """A copy that silently lacks a table would be a lie: what the pack names must be there. Raises PlanRefused."""
        lost = [
            fault
            for fault in disagreements(view.pack, view.catalogue)
            if fault.table not in view.catalogue.tables
            or (fault.column and fault.column not in view.catalogue.tables[fault.table].columns)
        ]
        if lost:
            raise PlanRefused(self.title, lost)

    def plan(self, on: date) -> Plan:
        """What an erasure on that day would do to each column. Raises PlanRefused with all faults."""
        with self.session() as (connection, view):
            key = (view.catalogue.fingerprint, on)
            if key not in self.plans:
                plan = make_plan(view.pack, view.catalogue, on)
                if faults := check_faults(connection, view, plan):
                    raise PlanRefused(self.title, faults)
                self.plans = {key: plan}
            return self.plans[key]

    def erase(self, plan: Plan, batch: Batch, intend: change.Intend | None = None) -> list[list[Change]]:
        """Carry out the plan for the batch in one transaction that re-reads what it changed. Calling it again is safe.

        `intend` is told what is about to be changed; when it raises, nothing is. It must not write to this database:
        on SQLite it would wait for itself.

        Raises ChangeFailed, NotVerified, and PlanRefused when the database is no longer the one that was planned for.
        """
        with self.session(write=True) as (connection, view):
            self.as_planned(view, plan.fingerprint)
            return change.erase(connection, view, plan, batch, intend)

    def plan_marks(self) -> MarkPlan:
        """What each mark of the pack would write. Raises PlanRefused with all faults: system, table, column, why."""
        with self.session() as (connection, view):
            plan = make_mark_plan(view.pack, view.catalogue)
            if faults := unfit_constants(connection, view, plan):
                raise PlanRefused(self.title, faults)
            return plan

    def mark(
        self, plan: MarkPlan, batch: Batch, name: MarkName, intend: mark.Intend | None = None
    ) -> list[list[Marked]]:
        """Set a mark on every own row of each subject, in one transaction that reads them again. For each subject and
        table with own rows: how many hold the mark now, and what stood there before.

        Keep what it gives back sealed: `unmark` needs it. `intend` is told the same before a row is changed, so that
        the caller can keep it first and nothing is lost to a kill after the commit; when it raises, nothing is changed.
        It must not write to this database: on SQLite it would wait for itself. Calling it again is safe: rows that
        hold the mark are only counted as `already`; join both runs with `engine.marking.joined`.

        Rows in somebody else's words are not marked, nor tables without that mark: `plan.impossible(name)` names
        those, and `count` says what the person has there. Two marks of one column lie over each other: the mark that
        was set last has to be taken back first. Nobody counts how often a row is marked: whoever has two reasons for
        one mark takes it back with the last of them.

        Raises ChangeFailed, NotVerified, and PlanRefused when the database is no longer the one that was planned for.
        """
        with self.session(write=True) as (connection, view):
            self.as_planned(view, plan.fingerprint)
            return mark.mark(connection, view, plan.of(name), batch, intend)

    def unmark(self, batch: Sequence[Sequence[Marked]]) -> list[list[Unmarked]]:
        """Put back what stood there, for each subject what `mark` gave. In one transaction; calling it again is safe.

        Column by column: what somebody wrote meanwhile stays, and such a row counts as `changed`. So does a row that
        was put back before.

        Raises ChangeFailed, NotVerified, and PlanRefused where tables, keys or columns are no longer there.
        """
        with self.session(write=True) as (connection, view):
            return mark.unmark(connection, view, batch)

    def plan_corrections(self, corrections: Sequence[Correction], on: date) -> CorrectionPlan:
        """What these corrections would do to each column. Raises PlanRefused with all faults, and NotACorrection."""
        with self.session() as (connection, view):
            plan = make_correction_plan(view.pack, view.catalogue, corrections, on)
            if faults := unfit_corrections(connection, view, plan):
                raise PlanRefused(self.title, faults)
            return plan

    def preview(self, plan: CorrectionPlan, subject: Subject) -> list[Line]:
        """What `rectify` would do, value by value; nothing is written. Raises PlanRefused where values must differ and
        would not, or have no room."""
        with self.session() as (connection, view):
            self.as_planned(view, plan.fingerprint)
            return rectify.preview(connection, view, plan, subject)

    def stated(self, plan: CorrectionPlan, subject: Subject) -> Mapping[Detail, frozenset[str]]:
        """What the person's own records say of the details that are to be corrected."""
        with self.session() as (connection, view):
            self.as_planned(view, plan.fingerprint)
            return rectify.stated(connection, view, plan, subject)

    def rectify(self, plan: CorrectionPlan, subject: Subject, intend: rectify.Intend | None = None) -> list[Line]:
        """Put right what the plan says in every own row of the person, in one transaction that reads it again.

        `intend` is told what is about to be changed; when it raises, nothing is. It must not write to this database: on
        SQLite it would wait for itself. Calling `rectify` again is safe: what is right by now is told as `right`.

        Raises ChangeFailed, NotVerified, and PlanRefused when the database would refuse a value, or is no longer the
        one that was planned for.
        """
        with self.session(write=True) as (connection, view):
            self.as_planned(view, plan.fingerprint)
            return rectify.rectify(connection, view, plan, subject, intend)

    def as_planned(self, view: View, fingerprint: str) -> None:
        """Raises PlanRefused when the database is no longer the one that was planned for."""
        if view.catalogue.fingerprint != fingerprint:
            raise PlanRefused(self.title, [Fault("*", "", "the schema changed after the plan was made: plan again")])

    def look(self, plan: Plan, batch: Batch) -> list[Residue]:
        """The residue pass over every text column. Identifiers in other people's words are taken out where the pack
        says so, and those rows are read again; what is left is explained or said to be missed.

        Raises NeedsPerson when there is far more of a person than can be explained.
        """
        traces = traces_of(batch)
        # An address is the person's own wherever it stands: a record made meanwhile has no known number yet.
        batch = [replace(subject, widened=False) for subject in batch]
        with self.session(repeatable=True) as (connection, view):
            hits = second_look.look(connection, view, traces, self.beside)
        taken: list[list[TakenOut]] = [[] for _ in batch]
        if hits:
            with self.session(write=True) as (connection, view):
                hits, taken = redact_strays(connection, view, plan, batch, hits, traces)
        with self.session() as (connection, view):
            unknown = tuple(fault.table for fault in drift(view.pack, view.catalogue))
            remains = explain(connection, view, plan, batch, hits)
            looked_at = len(view.catalogue.tables)
            return [
                Residue(tuple(found), looked_at, unknown, tuple(out)) for found, out in zip(remains, taken, strict=True)
            ]
