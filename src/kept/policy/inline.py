"""What stands within a line of the policy: bold, italic, links, and words in braces. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

MOST_WORDS = 25  # in one sentence

_TOKEN = re.compile(
    r"\*\*(?P<strong>[^*]+)\*\*"
    r"|\*(?P<emphasis>[^*]+)\*"
    r"|\[(?P<label>[^\[\]]+)\]\((?P<href>[^()\s]+)\)"
    r"|\{(?P<word>[^{}\s]*)\}"
)
_SIGNS = {
    "*": "a lone * stands here; use **bold** or *italic*",
    "[": "a link is [words](address) with an address that has no spaces",
    "]": "a link is [words](address) with an address that has no spaces",
    "{": "a word in braces is {name}, and a clause mark is {#1.1} at the end",
    "}": "a word in braces is {name}, and a clause mark is {#1.1} at the end",
    "<": "HTML is not used here; write plain words",
    ">": "HTML is not used here; write plain words",
    "`": "code is not used here; write plain words",
}
_ADDRESSES = ("https://", "mailto:", "/", "#")


@dataclass(frozen=True)
class Span:
    """A stretch of text that looks the same throughout."""

    text: str
    strong: bool = False
    emphasis: bool = False
    href: str = ""  # "": no link


Spans = tuple[Span, ...]


def read_spans(text: str, words: Mapping[str, str]) -> tuple[Spans, list[str]]:
    """The spans of one block, and what is wrong with it."""
    spans: list[Span] = []
    wrong: list[str] = []
    end = 0
    for token in _TOKEN.finditer(text):
        _add_plain(text[end : token.start()], spans, wrong)
        _add_token(token, words, spans, wrong)
        end = token.end()
    _add_plain(text[end:], spans, wrong)
    return tuple(spans), wrong


def plain(spans: Spans) -> str:
    return "".join(span.text for span in spans)


def sentences(text: str) -> tuple[str, ...]:
    """A sentence ends with a full stop, question mark or exclamation mark before a space, or with its block."""
    return tuple(sentence for sentence in re.split(r"(?<=[.!?])\s+", text.strip()) if sentence)


def count_words(sentence: str) -> int:
    return sum(any(sign.isalnum() for sign in word) for word in sentence.split())


def too_long(text: str, most: int = MOST_WORDS) -> list[str]:
    """What is wrong with the sentences of a block, if they are longer than a reader should have to hold."""
    return [
        f"this sentence has {count} words, {most} are the most: “{' '.join(sentence.split()[:5])} …”"
        for sentence in sentences(text)
        if (count := count_words(sentence)) > most
    ]


def _add_plain(text: str, spans: list[Span], wrong: list[str]) -> None:
    if text:
        spans.append(Span(text))
    wrong += dict.fromkeys(_SIGNS[sign] for sign in text if sign in _SIGNS)


def _add_token(token: re.Match[str], words: Mapping[str, str], spans: list[Span], wrong: list[str]) -> None:
    match token.lastgroup:
        case "strong":
            inner: list[Span] = []
            _add_plain(token["strong"], inner, wrong)
            spans.append(Span(token["strong"], strong=True))
        case "emphasis":
            _add_plain(token["emphasis"], [], wrong)
            spans.append(Span(token["emphasis"], emphasis=True))
        case "href":
            _add_plain(token["label"], [], wrong)
            if not token["href"].startswith(_ADDRESSES) or token["href"].startswith("//"):
                wrong.append(f"the link to {token['href']} must begin with https://, mailto:, / or #")
            spans.append(Span(token["label"], href=token["href"]))
        case _:
            name = token["word"]
            if name.startswith("#"):
                wrong.append(f"the clause mark {{{name}}} stands inside the text; it belongs at the end")
            elif name not in words:
                known = ", ".join(f"{{{word}}}" for word in sorted(words)) or "none"
                wrong.append(f"the word {{{name}}} is not known; policy.toml gives: {known}")
            else:
                value = words[name]
                spans.append(Span(value, href=f"mailto:{value}" if "@" in value else ""))
