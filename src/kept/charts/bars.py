"""Amounts as lying bars: an SVG whose text keeps its size on any screen, each bar a link to what it counts.

Pure: no clock, no database, no Django. It draws with the colour of the text around it, so that dark, print and high
contrast need nothing more, and no style sheet. The same facts stand in a table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

ROW, TEXT, BAR, GAP = 48, 16, 14, 24  # px: a row is high enough to be pressed
LONGEST = 30  # characters of a label in the picture; the table has it whole


@dataclass(frozen=True)
class Bar:
    label: str
    value: float
    words: str  # the value as people read it: "12 days"
    link: str = ""


def draw(rows: Sequence[Bar], title: str, name: str) -> str:
    """The picture, or "" where there is nothing to see. `name` tells it from others on the page."""
    if not rows:
        return ""
    most = max(row.value for row in rows) or 1
    parts = [
        f'<svg width="100%" height="{ROW * len(rows)}" role="group" aria-labelledby="{name}-t {name}-d" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{name}-t">{escape(title)}</title>'
        f'<desc id="{name}-d">{escape(said(rows))}</desc>'
    ]
    for place, row in enumerate(rows):
        drawn = _drawn(row, ROW * place, most)
        parts.append(f'<a href="{escape(row.link)}">{drawn}</a>' if row.link else drawn)
    return "".join([*parts, "</svg>"])


def said(rows: Sequence[Bar]) -> str:
    """The picture in words, for those who do not see it."""
    return "; ".join(f"{row.label}: {row.words}" for row in rows) + "."


def _drawn(row: Bar, top: int, most: float) -> str:
    """Label and value above, the bar below, in a pale one of full width, so that nothing is seen as nothing."""
    label = row.label if len(row.label) <= LONGEST else f"{row.label[: LONGEST - 1]}…"
    wide = round(100 * max(row.value, 0) / most, 2)
    y = top + GAP
    return (
        f'<rect x="0" y="{top}" width="100%" height="{ROW}" fill="none" pointer-events="all"/>'
        f'<text x="0" y="{top + TEXT}" fill="currentColor">{escape(label)}</text>'
        f'<text x="100%" y="{top + TEXT}" fill="currentColor" text-anchor="end">{escape(row.words)}</text>'
        f'<rect x="0" y="{y}" width="100%" height="{BAR}" fill="currentColor" fill-opacity=".12"/>'
        f'<rect x="0" y="{y}" width="{wide:g}%" height="{BAR}" fill="currentColor"/>'
    )
