"""The officer's overview and the public statistics: the same facts as picture, table and file, and nobody in them."""

from __future__ import annotations

import csv
import gzip
import io
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from house import house, store
from hypothesis import given
from hypothesis import strategies as st

from kept.charts.bars import Bar, draw, said
from kept.information.models import System
from kept.rights.clocks import office_day
from kept.rights.models import Case, SystemAnswer
from kept.rights.overview import access
from kept.rights.overview.rules import LEAST, Counted, middle, percentile, publish
from kept.rights.queue import Asked, cases_for
from kept.rights.refusals.models import Refusal
from kept.rights.views.overview import CHARTS, a_year_ago, in_seconds, last_midnight_of_a_month

__all__ = ["house", "store"]

pytestmark = [pytest.mark.store, pytest.mark.pages]


def signed_in(house, name):
    client = Client()
    client.force_login(house.people[name])
    return client


def put(number=1, *, ago=3, took=None, **what):
    """Cases that came so many days ago, each answered after so many days."""
    now, made = timezone.now(), []
    for _ in range(number):
        received = now - timedelta(days=ago)
        more = {"answered_at": received + timedelta(days=took), "state": "answered"} if took is not None else {}
        known = {"right": "access", "state": "review", "channel": "web", "proven_at": received} | more | what
        case = Case.objects.create(
            reference=f"HC-{uuid4().hex[:12]}",
            token_hash=uuid4().hex * 2,
            received_at=received,
            **{"due_on": office_day(now) + timedelta(days=20)} | known,
        )
        made.append(case)
    return made


def refuse(case, ground="unfounded"):
    at = case.answered_at
    Refusal.objects.create(
        case=case, right=case.right, law=case.law, ground=ground, source="GDPR Art. 12(5)", state="told",
        tell_by=case.due_on, proposed_at=at, proposed_by="privacy_officer:a", told_at=at, told_by="privacy_officer:b",
        message=uuid4(),
    )  # fmt: skip
    Case.objects.filter(pk=case.pk).update(state="refused")


# Rules


@given(st.lists(st.integers(0, 400), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(values, share):
    found = percentile(values, share)
    assert found in values
    assert sum(one <= found for one in values) * 100 >= share * len(values)
    lower = [one for one in values if one < found]
    assert len(lower) * 100 < share * len(values)


def test_the_median_of_an_even_number_lies_between_the_two_in_the_middle():
    assert middle([1, 2, 30, 40]) == 16
    assert middle([5]) == 5
    assert middle([]) is None
    assert percentile([], 95) is None


counted = st.builds(
    lambda days, waiting, refused: Counted(2026, "access", tuple(days), len(days) + waiting, min(refused, len(days))),
    st.lists(st.integers(0, 60), max_size=30),
    st.integers(0, 30),
    st.integers(0, 30),
)


@given(counted)
def test_no_published_number_and_no_difference_of_two_stands_for_one_to_four_people(row):
    told = publish(row)

    def groups():
        if told.received is not None:
            yield told.received
        if told.answered is not None:
            yield told.answered
            assert told.received is not None
            yield told.received - told.answered
        if told.refused_percent is not None:
            assert told.answered
            yield row.refused
            yield told.answered - row.refused

    assert [count for count in groups() if 0 < count < LEAST] == []
    assert told.median_days is None or len(row.days) >= LEAST
    assert told.received in (None, row.received)
    assert told.answered in (None, len(row.days))


def test_what_is_enough_is_published_whole():
    told = publish(Counted(2026, "access", (3, 4, 5, 9, 30, 30, 30, 30, 30, 30), 15, 5))
    assert (told.received, told.answered, told.refused_percent, told.median_days) == (15, 10, 50, 30)
    assert publish(Counted(2026, "access", (3,) * 10, 10, 1)).refused_percent is None
    assert publish(Counted(2026, "access", (3,) * 10, 10, 0)).refused_percent == 0


def test_only_whole_months_are_published_where_the_office_counts():
    assert last_midnight_of_a_month(datetime(2026, 11, 30, 23, 30, tzinfo=UTC)).astimezone(UTC) == datetime(
        2026, 11, 30, 23, tzinfo=UTC
    ), "in Berlin it is December"
    assert last_midnight_of_a_month(datetime(2026, 11, 30, 22, 30, tzinfo=UTC)).month == 11


DURATIONS = {0: "0 seconds", 1: "1 second", 119: "119 seconds", 120: "2 minutes", 7_300: "2 hours", 172_800: "2 days"}


@pytest.mark.parametrize(("seconds", "words"), DURATIONS.items())
def test_a_duration_is_said_in_the_unit_people_use(seconds, words):
    assert in_seconds(seconds) == words


# The picture


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.text = [], []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


@given(
    st.lists(
        st.builds(Bar, st.text(max_size=60), st.floats(0, 1e9), st.text(max_size=20), st.text(max_size=40)), max_size=8
    )
)
def test_a_picture_says_every_bar_in_words_and_holds_no_foreign_tag(rows):
    picture = draw(rows, "A <title>", "name")
    if not rows:
        assert picture == ""
        return
    reader = Tags()
    reader.feed(picture)
    assert {tag for tag, _ in reader.found} <= {"svg", "title", "desc", "a", "rect", "text"}
    assert said(rows) in "".join(reader.text)
    widths = [attrs["width"] for tag, attrs in reader.found if tag == "rect"]
    assert all(0 <= float(width.rstrip("%")) <= 100 for width in widths)


# The pages


def test_the_overview_says_in_words_that_nothing_is_overdue_and_what_is(house):
    client = signed_in(house, "olga")
    page = client.get("/desk/overview/").content.decode()
    assert "No request is overdue." in page
    today = office_day(timezone.now())
    put(2, due_on=today - timedelta(days=1))
    put(1, due_on=today + timedelta(days=1))
    put(1, due_on=today - timedelta(days=9), paused_at=timezone.now())
    page = client.get("/desk/overview/").content.decode()
    assert "2 requests are overdue." in page
    assert "1 is due soon." in page
    assert "4 are open." in page
    assert "late: 2; due soon: 1; on time: 0; clock stands still: 1." in page.lower()


def test_each_bar_leads_to_exactly_the_requests_that_it_counts_and_table_and_file_say_the_same(house):
    today, olga = office_day(timezone.now()), house.people["olga"]
    put(2, due_on=today - timedelta(days=1), channel="email")
    for days in (1, 5, 9):
        put(took=days, ago=12)
    put(3, right="erasure", took=20, ago=25, channel="letter")
    put(2, right="erasure", took=20, ago=500)  # longer ago than a year
    refuse(put(took=4, ago=9)[0])
    system = System.objects.get(name="billing")
    for case in Case.objects.filter(right="erasure"):
        SystemAnswer.objects.create(
            case=case, system=system, state="done", searched_at=case.proven_at + timedelta(minutes=3)
        )
    client = signed_in(house, "olga")
    page = client.get("/desk/overview/").content.decode()
    for chart in CHARTS:
        lines = chart.read(olga, a_year_ago())
        rows = list(csv.reader(io.StringIO(client.get(f"/desk/overview/{chart.name}.csv").content.decode())))
        assert [(row[0], int(row[1])) for row in rows[1:]] == [(line.label, line.count) for line in lines]
        for line in lines:
            asked = chart.asked(line, a_year_ago().isoformat())
            assert cases_for(olga, asked, today).count() == line.count, (chart.name, line)
            assert page.count(f'href="/desk/?{asked.query.replace("&", "&amp;")}"') >= 2, "picture and table"
            assert Asked.of(dict(part.split("=") for part in asked.query.split("&"))) == asked
    days = {line.name: (line.count, line.middle, line.most) for line in access.days_to_answer(olga, a_year_ago())}
    assert days == {"erasure": (3, 20, 20), "access": (4, 4.5, 9)}
    assert "The slowest system is Billing: half of its searches took at most 3 minutes." in page


def test_the_overview_is_light_has_no_script_and_asks_the_store_little(house, django_assert_max_num_queries):
    put(30, took=3)
    put(30)
    client = signed_in(house, "olga")
    client.get("/desk/overview/")
    with django_assert_max_num_queries(20):
        page = client.get("/desk/overview/")
    source = page.content.decode()
    assert "<script" not in source
    assert "style=" not in source
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', source)
    whole = [page.content, *(b"".join(client.get(file).streaming_content) for file in files)]
    assert sum(len(gzip.compress(one, 9)) for one in whole) <= 30_000


@pytest.mark.parametrize("name", ["nothing", "deadline-", "a" * 200])
def test_a_file_that_is_none_of_ours_is_absent(house, name):
    assert signed_in(house, "olga").get(f"/desk/overview/{name}.csv").status_code == 404


def test_a_system_whose_name_looks_like_a_formula_is_text_in_the_file(house):
    system = System.objects.get(name="billing")
    system.title = "=HYPERLINK(1)"
    system.save()
    [case] = put()
    SystemAnswer.objects.create(case=case, system=system, searched_at=timezone.now())
    assert "'=HYPERLINK(1)" in signed_in(house, "olga").get("/desk/overview/systems.csv").content.decode()


# For everybody


def test_the_public_reads_counts_of_whole_months_with_what_is_small_left_out(house):
    begin = last_midnight_of_a_month(timezone.now())
    ago = (timezone.now() - begin).days + 10
    put(6, took=4, ago=ago)
    put(3, right="erasure", took=4, ago=ago)
    visitor = Client()
    page = visitor.get("/privacy/statistics/").content.decode()
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "Copy 6 6 0 of 100 4" in words
    assert "Erasure under 5 not shown not shown not shown" in words
    assert "Somebody could be recognised." in words
    assert f"Up to {(begin - timedelta(days=1)):%A %-d %B %Y}" in words
    rows = list(csv.DictReader(io.StringIO(visitor.get("/privacy/statistics/requests.csv").content.decode())))
    assert [(row["right"], row["received"], row["answered"]) for row in rows] == [
        ("access", "6", "6"),
        ("erasure", "under 5", "under 5"),
    ]
    assert visitor.cookies == {}
    put(1, ago=0)
    assert visitor.get("/privacy/statistics/").content.decode() == page, "this month is not told yet"


def test_before_the_first_month_is_over_the_page_says_so(house):
    put(7, ago=0)
    page = Client().get("/privacy/statistics/").content.decode()
    assert "No whole month has passed yet." in page or timezone.now().day == 1
    assert "/privacy/statistics/" in Client().get("/privacy/").content.decode()
