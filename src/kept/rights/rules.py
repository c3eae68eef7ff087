"""What the rights room decides. Plain values in, plain values out: no clock, no database, no request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from kept.clocks.counting import same_date
from kept.engine.pack import Pack
from kept.engine.periods import kept_until
from kept.engine.plan import Plan
from kept.engine.subject import Change, Holding, Remain, Residue, TakenOut
from kept.terms import Verdict

CODE_LIFE = timedelta(minutes=30)
CODE_TRIES = 5
MOST_CODES = 5  # mailed for one case, or for one package
CODE_PAUSE = timedelta(minutes=1)  # between two of them
LOOKS_BY_ITSELF = 3  # an erasure whose second look found remains is run again so often, then an officer is needed
SOON = timedelta(days=5)  # before the last day to answer: from then on the page says so
MOST_ASKED = 5  # unproven requests with one address in ASKED_WITHIN; further ones get no mail
ASKED_WITHIN = timedelta(hours=1)
PROVE_WITHIN = timedelta(days=7)
DOWNLOAD_LIFE = timedelta(days=30)
PROOF_YEARS = 3  # how long a case without name and address is kept, and a suppression

LAW_OF_SUPPRESSION = "GDPR Art. 17(3)(b), 21(3): so that nobody writes to you again by mistake"
SUPPRESSED_PURPOSES = ("marketing.own", "marketing.third_party")

CaseStep = Literal[
    "prove",
    "search",
    "choose",
    "approve",
    "confirm",
    "return",
    "answer",
    "withdraw",
    "extend",
    "ask",
    "refuse",
    "exempt",
]

OPEN = frozenset({"searching", "needs_person", "review", "approved", "confirmed", "answering"})

# In which states a case can take a step.
MAY: dict[CaseStep, frozenset[str]] = {
    "prove": frozenset({"unproven"}),
    "search": OPEN,
    "choose": frozenset({"needs_person", "confirmed", "answering"}),
    "approve": frozenset({"review"}),
    "confirm": frozenset({"approved"}),
    "return": frozenset({"approved", "confirmed"}),
    "answer": frozenset({"answering"}),
    "withdraw": frozenset({"unproven", "searching", "needs_person", "review", "approved", "confirmed"}),
    "extend": OPEN,
    "ask": frozenset({"searching", "needs_person", "review"}),  # something of the person, before anything is decided
    "exempt": frozenset({"needs_person", "review"}),  # a record from the answer
    "refuse": frozenset({"searching", "needs_person", "review", "approved"}),
}
UNDER_WAY = frozenset({"confirmed", "answering"})
STOPPED = frozenset({"expired", "withdrawn"})  # ended without an answer, and none is owed

Urgency = Literal["none", "met", "good", "soon", "late", "still"]


@dataclass(frozen=True)
class DueState:
    """How a case stands with its last day to answer. Every page that tells it takes its words from this."""

    mark: Urgency  # none: no answer is owed; met, late: also of an answer that is out; still: the clock stands still
    left: int  # days until the last day; negative: days past it
    answered: bool


def due_state(
    due_on: date,
    today: date,
    *,
    answered_on: date | None,
    owed: bool = True,
    still: bool = False,
    late_from: date | None = None,
) -> DueState:
    """`answered_on`: the office's day of the answer; None: it is not out. `still`: the clock stands still, and the
    day moves on by those on which it does. `late_from`: the first day on which it is too late, None: the day after the
    last one. Art. 12(3); for Singapore Interpretation Act 1965 s.50."""
    on = answered_on or today
    left = (due_on - on).days
    late = left < 0 and (late_from is None or on >= late_from)
    if not owed:
        return DueState("none", left, False)
    if answered_on is not None:
        return DueState("late" if late else "met", left, True)
    if still:
        return DueState("still", left, False)
    return DueState("late" if late else "soon" if left <= SOON.days else "good", left, False)


@dataclass(frozen=True)
class AnswerStanding:
    """What the next step of a case is decided from: one system's answer, in short."""

    state: str  # of the answer
    current: bool  # with all that is known now
    decided: bool  # an officer looked where the second look cannot tell
    own: bool  # Kept's own database


def state_after_search(case: str, answers: Collection[AnswerStanding]) -> str:
    """Where a case stands while its systems are searched. The review does not wait for one that gives no answer, and
    what is being carried out goes on in the other systems while a person decides about one."""
    if case in UNDER_WAY:
        return case
    if any(one.state == "needs_person" for one in answers):
        return "needs_person"
    if case in ("searching", "needs_person"):
        return "searching" if any(one.state in ("waiting", "searching") for one in answers) else "review"
    return case


def settled(answer: AnswerStanding) -> bool:
    """Nothing is left to do there: done, or an officer has decided what the second look could not tell."""
    return answer.current and (answer.state == "done" or (answer.state == "cannot_tell" and answer.decided))


def leaves_question(state: str, *, decided: bool, retries: bool) -> bool:
    """The second look found what only an officer can judge: it cannot tell, or it gave up trying by itself."""
    return (state == "cannot_tell" and not decided) or (state == "not_done" and not retries)


def own_comes_next(answers: Collection[AnswerStanding]) -> bool:
    """Kept's own database is changed last: until then it remembers whom the others are asked about."""
    return all(settled(one) for one in answers if not one.own) and any(
        one.own and one.state == "found" for one in answers
    )


def erasure_is_whole(answers: Collection[AnswerStanding]) -> bool:
    return bool(answers) and all(settled(one) for one in answers)


def state_of(residue: Residue) -> str:
    """What a second look makes of a system's answer."""
    words = {Verdict.DONE: "done", Verdict.NOT_DONE: "not_done", Verdict.CANNOT_TELL: "cannot_tell"}
    return words[residue.verdict] if residue.looked_at else "cannot_tell"


def problem_of(residue: Residue) -> str:
    """The places that are left, by table, column and count; "" where nothing is to be done."""
    places = [f"{one.table}.{one.column} ({one.count})" for one in residue.remains if one.why in ("missed", "unclear")]
    found = f"Found again: {', '.join(places)}." if places else ""
    unknown = f"Tables nobody has decided about: {', '.join(residue.unknown_tables)}." if residue.unknown_tables else ""
    return plain(f"{found} {unknown}".strip() or ("" if residue.looked_at else "The second look read no table."))


def as_decided(residue: Residue) -> Residue:
    """After an officer has looked: what was unclear is somebody else's, and the unknown tables hold nobody."""
    remains = tuple(replace(one, why="others") if one.why == "unclear" else one for one in residue.remains)
    return replace(residue, remains=remains, unknown_tables=())


def may_mail_code(sent: int, last: datetime | None, at: datetime) -> bool:
    return sent < MOST_CODES and (last is None or at - last >= CODE_PAUSE)


def proof_ends(at: datetime) -> date:
    """The last day on which a case, or a suppression, is kept."""
    return same_date(at.date(), 12 * PROOF_YEARS)


def last_proof(at: datetime) -> datetime:
    """What ended before this instant need not be kept any longer."""
    return datetime.combine(same_date(at.date(), -12 * PROOF_YEARS), at.timetz())


def plain(problem: str) -> str:
    """A problem as rows, steps and pages may hold it: short, and without a sign that belongs to an address."""
    return problem.replace("@", " at ")[:300]


# Plans


def plan_id(plan: Plan) -> str:
    """Equal for plans that do the same: the day on which they were made does not count, nor rows that came since."""
    shape = [[one.table, one.delete, one.law, [asdict(column) for column in one.columns]] for one in plan.tables]
    return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()[:32]


def plan_lines(plan: Plan, holdings: Sequence[Holding]) -> list[dict[str, Any]]:
    """What an erasure would do to the tables in which something was found: the dry run, column by column."""
    held = {one.table: one for one in holdings}
    return [
        {
            "table": one.table,
            "delete": one.delete,
            "law": one.law,
            "columns": [
                {
                    "column": column.column,
                    "act": column.act,
                    "others": column.others,
                    "value": column.value,
                    "why": column.why,
                    "law": column.law,
                }
                for column in one.columns
            ],
        }
        for one in plan.tables
        if one.table in held
    ]


# What systems answer, as JSON keeps it


def holdings_json(holdings: Iterable[Holding]) -> list[dict[str, Any]]:
    return [asdict(one) for one in holdings]


def changes_json(changes: Iterable[Change]) -> list[dict[str, Any]]:
    return [asdict(one) for one in changes]


def residue_json(residue: Residue) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(asdict(residue), default=str))
    return found


def holdings_from(rows: Iterable[dict[str, Any]]) -> list[Holding]:
    return [Holding(**row) for row in rows]


def changes_from(rows: Iterable[dict[str, Any]]) -> list[Change]:
    return [Change(**row) for row in rows]


def residue_from(found: dict[str, Any]) -> Residue | None:
    """None: nobody has looked yet."""
    if not found:
        return None
    remains = (
        Remain(**{**one, "until": date.fromisoformat(one["until"]) if one["until"] else None})
        for one in found["remains"]
    )
    taken = tuple(TakenOut(**one) for one in found.get("taken_out", ()))
    return Residue(tuple(remains), found["looked_at"], tuple(found["unknown_tables"]), taken)


def touched(plan: Plan) -> frozenset[str]:
    """The tables of which the plan changes anything at all."""
    return frozenset(one.table for one in plan.tables if one.delete or one.changes)


def told(changes: Sequence[Change], before: Sequence[Holding], tables: Collection[str]) -> list[Change]:
    """What was done, as the person is told: no row counts as changed in a table of which the plan changes nothing.

    A run may have been cut off after its commit. Rows deleted then are not there to be counted a second time, so what
    was counted before the first run stands in.
    """
    known = {one.table: one if one.table in tables else replace(one, rows=0) for one in changes}
    result = []
    for held in before:
        if held.table in tables:
            change = known.pop(held.table, Change(held.table, 0, 0, 0))
            left = change.rows + change.deleted + change.kept + change.left_out
            gone = max(0, held.own + held.others - left)
            result.append(replace(change, deleted=change.deleted + gone))
    return [one for one in (*result, *known.values()) if one.rows or one.deleted or one.kept or one.left_out]


def added_up(earlier: Sequence[Change], now: Sequence[Change]) -> list[Change]:
    """Two runs told as one: rows changed twice are the same rows, rows deleted twice are not."""
    before = {one.table: one for one in earlier}
    result = []
    for one in now:
        old = before.pop(one.table, Change(one.table, 0, 0, 0))
        kept, left_out = max(old.kept, one.kept), max(old.left_out, one.left_out)
        result.append(Change(one.table, max(old.rows, one.rows), old.deleted + one.deleted, kept, left_out))
    return [*result, *before.values()]


def erased_count(changes: Iterable[Change]) -> int:
    return sum(one.rows + one.deleted for one in changes)


def law_and_end(changes: Iterable[Change], pack: Pack, on: date) -> tuple[str, date] | None:
    """Which laws made records stay, and the day after which none of them can need one any longer; None: none stayed."""
    laws = {pack.tables[one.table].law for one in changes if one.kept and one.table in pack.tables}
    known = sorted((law for law in laws if law), key=lambda law: law.name)
    return ("; ".join(law.name for law in known)[:300], max(kept_until(law, on) for law in known)) if known else None


def kept_count(changes: Iterable[Change]) -> int:
    return sum(one.kept + one.left_out for one in changes)
