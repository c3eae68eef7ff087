"""Pages read through access functions, and what is decided once is decided by one rule."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from house import house, store
from hypothesis import given
from hypothesis import strategies as st

from kept.people.models import Account
from kept.rights import views
from kept.rights.access import LEAVES_QUESTION, to_do
from kept.rights.models import Case, SystemAnswer
from kept.rights.rules import SOON, due_state
from kept.rights.standing import is_stuck
from kept.rights.views.due import due
from kept.rights.views.shown import deadline

__all__ = ["house", "store"]

VIEWS = sorted(Path(views.__file__).parent.glob("*.py"))
QUERY = re.compile(r"\.objects\b|\b(?:Q|F)\(|\.(?:filter|exclude|values_list|prefetch_related)\(")


@pytest.mark.parametrize("view", VIEWS, ids=lambda path: path.stem)
def test_no_view_asks_the_store_by_itself(view):
    """Who may see what is decided in access.py; a query of a view's own would go round it."""
    found = [line for line in view.read_text().splitlines() if QUERY.search(line)]
    assert found == []


def test_the_reader_of_views_finds_a_query():
    for line in ("Case.objects.get(pk=1)", "case.answers.filter(state='x')", "case.answers.exclude(a=1)", "Q(a=1) | b"):
        assert QUERY.search(line)
    for line in ("objects = []", "shown = one.choose(user)", "{{ x|filter }}", "form.is_valid()"):
        assert not QUERY.search(line)


days = st.integers(-400, 400)


@given(left=days, answered=st.none() | days, owed=st.booleans())
def test_the_desk_and_the_persons_page_say_the_same_of_a_deadline(left, answered, owed):
    """Two wordings of one rule: the mark is the same, and so is the number of days."""
    today = date(2026, 11, 22)
    case = Case(
        state="review" if owed else "withdrawn",
        due_on=today + timedelta(days=left),
        answered_at=None if answered is None else timezone.now().replace(hour=12) + timedelta(days=answered),
        clock={"inputs": {"zone": "UTC"}},
    )
    desk, page = due(case, today), deadline(case, today)
    assert desk.state == page.state
    counted = re.findall(r"\d+", desk.words)
    assert counted == re.findall(r"\d+", page.after)
    assert (page.state == "none") is not owed


@given(left=days, answered_after=st.none() | days)
def test_a_deadline_is_met_late_soon_or_good_by_its_days_alone(left, answered_after):
    today = date(2026, 3, 2)
    due_on = today + timedelta(days=left)
    answered_on = None if answered_after is None else due_on + timedelta(days=answered_after)
    state = due_state(due_on, today, answered_on=answered_on)
    if answered_after is not None:
        assert state.mark == ("late" if answered_after > 0 else "met")
    else:
        assert state.mark == ("late" if left < 0 else "soon" if left <= SOON.days else "good")
        assert state.left == left
    assert due_state(due_on, today, answered_on=answered_on, owed=False).mark == "none"


@pytest.mark.store
def test_the_queue_and_the_pages_agree_on_which_system_leaves_a_question(house):
    """The rule of rules.py, and the question that access.py asks the store: alike for every answer there can be."""
    case = house.confirmed("alice@example.com")[0]
    answer = case.answers.first()
    case.answers.exclude(pk=answer.pk).delete()
    olga, differ = Account.objects.get(role="privacy_officer"), []
    for state in SystemAnswer.State.values:
        for decided in ("", "others"):
            for next_try in (None, timezone.now()):
                answer.state, answer.decided, answer.next_try_at = state, decided, next_try
                answer.save()
                asked = Case.objects.filter(LEAVES_QUESTION, pk=case.pk).exists()
                waits = to_do(olga).filter(pk=case.pk).exists()
                stuck = is_stuck(answer)
                if asked != stuck or waits != (stuck or state == "needs_person"):
                    differ.append((state, decided, next_try))
    assert differ == []
