"""What length alone does not stop. NIST SP 800-63B: refuse what is known or plain, ask for no kinds of characters."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from kept.people.models import Account

ROWS = ("abcdefghijklmnopqrstuvwxyz", "0123456789", "qwertyuiopasdfghjklzxcvbnm", "azertyuiopqsdfghjklmwxcvbn")
LEAST_KINDS = 5
LONGEST_PIECE = 14  # a piece of 15 would be long enough by itself


def predictable(password: str) -> bool:
    """Few different characters, one piece said over and over, or a walk along the alphabet or the keyboard."""
    text = "".join(password.lower().split())
    pieces = [text[:size] for size in range(1, min(LONGEST_PIECE, len(text) // 2) + 1)]
    repeated = any(text == (piece * (len(text) // len(piece) + 1))[: len(text)] for piece in pieces)
    walks = [row * (len(text) // len(row) + 2) for row in ROWS]
    walked = any(text in walk or text[::-1] in walk for walk in walks) if text else False
    return len(set(text)) < LEAST_KINDS or repeated or walked


class NotPredictable:
    def validate(self, password: str, user: Account | None = None) -> None:
        if predictable(password):
            raise ValidationError("This is easy to guess. Take a few words that do not belong together.")

    def get_help_text(self) -> str:
        return "Not a row of the keyboard, and not one word again and again."
