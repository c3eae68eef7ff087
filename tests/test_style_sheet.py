"""The style sheet: nothing stands in it that no page has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from kept.charts.series import State

KEPT = Path(__file__).parent.parent / "src/kept"
SHEET = KEPT / "site/static/kept.css"
HTML = re.compile(r"""class=\\?["']([^"']*)""")
PYTHON = re.compile(r"""["']class["']: ?["']([^"']*)["']""")


def rules(sheet: str) -> str:
    """The selectors, without comments, values and @-rules."""
    sheet = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    sheet = re.sub(r"@(media|layer)[^{;]*[{;]", "", sheet)
    return " ".join(re.findall(r"([^{}]+)\{", re.sub(r"\{[^{}]*\}", "{}", sheet)))


def styled(sheet: str) -> set[str]:
    return set(re.findall(r"\.([a-zA-Z][\w-]*)", rules(sheet)))


def sources() -> Iterator[tuple[str, str]]:
    """The classes of each template and module that makes a page; a template's tags stand between words."""
    for file in KEPT.rglob("*"):
        if file.suffix == ".html":
            yield file.name, " ".join(HTML.findall(re.sub(r"{[%#].*?[%#]}", " ", file.read_text())))
        elif file.suffix == ".py" and "engine" not in file.parts:
            source = file.read_text()
            yield file.name, " ".join([*HTML.findall(source), *PYTHON.findall(source)])


def used() -> set[str]:
    drawn = {word for _, classes in sources() for word in classes.split()}
    assert "{one.state}" in drawn, "a bar of a chart is called by its state"
    return drawn | set(get_args(State))


def test_every_class_of_the_style_sheet_is_on_a_page():
    assert sorted(styled(SHEET.read_text()) - used()) == []


def test_every_element_with_a_rule_is_on_a_page():
    pages = " ".join(file.read_text() for file in KEPT.rglob("*.html"))
    pages += " ".join(file.read_text() for file in (KEPT / "charts").glob("*.py"))
    drawn = set(re.findall(r"<([a-z][a-z0-9]*)", pages)) | {"svg", "textarea", "select"}  # by a library, and by widgets
    plain = re.sub(r"\[[^\]]*\]|:nth-child\([^)]*\)|::?[a-z-]+|[.#][\w-]+", " ", rules(SHEET.read_text()))
    named = set(re.findall(r"(?<![\w-])[a-z][a-z0-9]*(?![\w-])", plain)) - {"rtl"}
    assert sorted(named - drawn) == []


@pytest.mark.parametrize(
    ("sheet", "classes"),
    [
        (".a { color: red }", {"a"}),
        ("@media (width < 40rem) { .a > .b:is(.c, .d)::before { margin: .5rem } }", {"a", "b", "c", "d"}),
        ("/* .gone */ p { margin: .25em }", set()),
        ("@layer base, page; @layer page { .x { y: z } .w { } }", {"x", "w"}),
    ],
)
def test_the_reader_of_the_style_sheet_finds_its_classes(sheet, classes):
    assert styled(sheet) == classes
