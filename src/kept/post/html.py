"""A mail's text as a quiet page: the same words, nothing loaded from anywhere, readable in light and dark.

No picture, no style sheet, no font, no rewritten link: opening the mail tells nobody anything. A link of ours is shown
whole, so that its reader sees where it leads; other people's addresses stay plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.conf import settings
from django.utils.html import escape

from kept.post.languages import Language

STYLE = """
:root{color-scheme:light dark}
body{margin:0;padding:1.5rem;background:#fcfbf8;color:#1f1c18;font:17px/1.6 Georgia,"Noto Serif",serif}
main{max-width:37rem;margin:0 auto}
p{margin:0 0 1.25rem;overflow-wrap:break-word}
a{color:#0a5a5f}
.code{font:600 1.6rem/1.4 ui-monospace,Menlo,Consolas,monospace;letter-spacing:.08em}
.link{font:600 1rem/1.5 system-ui,sans-serif;border-inline-start:4px solid #0a5a5f;padding-inline-start:1rem}
.from{color:#5c564d;border-top:1px solid #d8d2c6;padding-top:1rem}
@media (prefers-color-scheme:dark){body{background:#161512;color:#ebe6dc}a{color:#84cdc9}
.link{border-color:#84cdc9}.from{color:#aea697;border-color:#3b372f}}
""".replace("\n", "")
URL = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]。、\N{FULLWIDTH COMMA}]")


def page_of(subject: str, text: str, language: Language, wanted: Language | None = None) -> str:
    """The whole page. `wanted`: the reader's language, where the text is only there in English; then it says so."""
    said = [_block(lines) for lines in _blocks(text)]
    if said:
        said[-1] = said[-1].replace("<p>", '<p class="from">', 1)
    if wanted and wanted != language:
        said.insert(0, f'<p lang="{wanted.tag}" dir="{wanted.direction}">{escape(wanted.only_english)}</p>')
    return (
        f'<!doctype html><html lang="{language.tag}" dir="{language.direction}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f"<title>{escape(subject)}</title><style>{STYLE}</style></head>"
        f"<body><main>{''.join(said)}</main></body></html>"
    )


def _blocks(text: str) -> Iterator[list[str]]:
    """Paragraphs; a line that is set in, or only a link, is one by itself."""
    lines: list[str] = []
    for line in [*text.splitlines(), ""]:
        alone = line.startswith("    ") or URL.fullmatch(line.strip()) is not None
        if lines and (not line.strip() or alone):
            yield lines
            lines = []
        if alone and line.strip():
            yield [line]
        elif line.strip():
            lines.append(line)


def _block(lines: list[str]) -> str:
    first = lines[0]
    if first.startswith("    "):
        return f'<p class="code" dir="ltr">{escape(first.strip())}</p>'
    if URL.fullmatch(first.strip()):
        return f'<p class="link">{_linked(first.strip())}</p>'
    listed = any(line.lstrip().startswith(("- ", "• ", "> ")) for line in lines)
    return f"<p>{('<br>' if listed else ' ').join(_linked(line.strip()) for line in lines)}</p>"


def _linked(line: str) -> str:
    parts, end = [], 0
    for found in URL.finditer(line):
        url = found.group()
        if url == settings.SITE_URL or url.startswith(f"{settings.SITE_URL}/"):
            parts += [escape(line[end : found.start()]), f'<a href="{escape(url)}" dir="ltr">{escape(url)}</a>']
            end = found.end()
    return "".join([*parts, escape(line[end:])])
