"""
LetterError
├── NoScan    a letter is registered with its scan
├── BadDay    the day it came lies ahead, or too far back
└── Settled   somebody has settled it meanwhile
"""

from __future__ import annotations


class LetterError(Exception):
    """Base of what the register of letters refuses. Nothing was changed."""


class NoScan(LetterError):
    """No file, or more than are taken at once. Nothing was kept."""


class BadDay(LetterError):
    """The day it came lies in the future, or more than a year back. Nothing was kept."""


class Settled(LetterError):
    """Somebody has settled it meanwhile. Nothing was changed; look at it again."""
