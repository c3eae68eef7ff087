"""A series drawn as SVG: what it shows, what it says, and that it never says more than the points."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from kept.charts.series import WIDTH, Point, draw, fewer, said, scale, stretches

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"
WORDS = {"kept": "kept", "broken": "broken", "unknown": "cannot tell"}

states = st.sampled_from(["kept", "broken", "unknown"])
numbers = st.none() | st.integers(-(10**9), 10**12) | st.floats(-1e9, 1e12, allow_nan=False)
series = st.lists(st.tuples(st.integers(0, 5000), states, numbers), max_size=300).map(
    lambda looks: [
        Point(
            NOON + timedelta(minutes=sum(gap for gap, _, _ in looks[: place + 1])), state, WORDS[state], "<3>", number
        )
        for place, (_, state, number) in enumerate(looks)
    ]
)


def drawn(points, until=None):
    until = until or (points[-1].at if points else NOON)
    return draw(points, until, "How <it> stood", "open & closed", "c")


def test_nothing_is_drawn_of_nothing():
    assert drawn([]) == ""


@given(series)
def test_every_picture_is_sound_xml_with_a_title_and_words_and_no_style(points):
    picture = drawn(points)
    if not points:
        return
    root = ElementTree.fromstring(picture)
    assert root.find(f"{SVG}title").text == "How <it> stood"
    assert root.find(f"{SVG}desc").text
    assert root.get("role") == "img"
    assert "style" not in picture
    assert "NaN" not in picture
    for bar in root.iter(f"{SVG}rect"):
        assert 0 <= float(bar.get("x")) <= WIDTH
        assert float(bar.get("width")) > 0
    for number in re.findall(r"-?\d+\.?\d*", " ".join(path.get("d") for path in root.iter(f"{SVG}path"))):
        assert -1 <= float(number) <= WIDTH


@given(series)
def test_there_is_a_bar_for_each_stretch_of_one_state(points):
    runs = stretches(points, points[-1].at if points else NOON)
    assert drawn(points).count("<rect ") == len(runs)
    assert [run.state for run in runs] == [
        point.state for place, point in enumerate(points) if not place or points[place - 1].state != point.state
    ]
    assert all(run.begin <= run.end for run in runs)


@given(series)
def test_fewer_points_hide_no_change_of_state_and_not_the_last(points):
    left = fewer(points, most=20)
    assert stretches(left, NOON) == stretches(points, NOON)
    assert left[-1:] == points[-1:]
    changes = len(stretches(points, NOON))
    assert len(left) <= 21 + changes


@given(series)
def test_the_scale_says_the_least_and_the_most(points):
    numbered = [point.number for point in points if point.number is not None]
    words = scale(points)
    assert bool(words) == bool(numbered)
    if numbered and min(numbered) == max(numbered):
        assert words.endswith(" throughout")


def test_shape_tells_the_state_before_colour_does():
    points = [
        Point(NOON + timedelta(days=day), state, WORDS[state], "")
        for day, state in enumerate(["kept", "broken", "unknown"])
    ]
    bars = ElementTree.fromstring(drawn(points, NOON + timedelta(days=3))).iter(f"{SVG}rect")
    assert len({bar.get("height") for bar in bars}) == 3


def test_the_words_tell_what_the_picture_shows():
    points = [Point(NOON, "kept", "kept", "", 7), Point(NOON + timedelta(days=1), "broken", "broken", "", 1900)]
    assert said(points, NOON + timedelta(days=2), "copies delivered") == (
        "kept from 22 November 2026, 12:00, then broken from 23 November 2026, 12:00. "
        "Copies delivered: from 7 to 1,900, 1,900 at the end."
    )
