"""Several systems are read at the same time, in order, a bounded way ahead, and end together."""

from __future__ import annotations

import threading
from contextlib import closing
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.engine.side_by_side import ROWS, WAITING, side_by_side


@given(st.lists(st.integers(min_value=0, max_value=3 * ROWS), max_size=12))
def test_everything_comes_once_and_in_the_order_of_the_sources(sizes):
    sources = [
        lambda number=number, size=size: ((number, row) for row in range(size)) for number, size in enumerate(sizes)
    ]
    with closing(side_by_side(sources)) as read:
        got = [list(rows) for rows in read]
    assert got == [[(number, row) for row in range(size)] for number, size in enumerate(sizes)]


def test_a_slow_source_does_not_keep_the_others_waiting():
    first_may_go_on = threading.Event()

    def slow():
        assert first_may_go_on.wait(10)
        yield 1

    def quick():
        first_may_go_on.set()  # it runs although nobody has asked for its rows yet
        yield 2

    with closing(side_by_side([slow, quick])) as read:
        assert [list(rows) for rows in read] == [[1], [2]]


def test_no_source_is_read_further_ahead_than_the_bound():
    taken = []

    def endless():
        for number in range(10**9):
            taken.append(number)
            yield number

    with closing(side_by_side([endless, endless])) as read:
        assert next(next(read)) == 0
    assert len(taken) <= 2 * ROWS * (WAITING + 3)


def test_what_a_source_raises_comes_where_its_rows_are_wanted_and_all_are_closed():
    closed = []

    def source(number):
        try:
            yield number
            if number == 1:
                raise LookupError("lost")
            while True:
                yield number
        finally:
            closed.append(number)

    with closing(side_by_side([iter_of_one, partial(source, 1), partial(source, 2)])) as read:
        assert list(next(read)) == [0]
        broken = next(read)
        with pytest.raises(LookupError, match="lost"):
            list(broken)
    assert sorted(closed) == [1, 2]


def iter_of_one():
    yield 0
