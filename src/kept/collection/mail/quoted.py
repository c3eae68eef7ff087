"""What somebody wrote now, told from what they quote: a wish that we read must be theirs, and new."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

LONGEST_LINE = 2000  # of a line, looked at
MOST_LINES = 50_000

# "On … wrote:", as mail programs write it before what they quote.
_WROTE = (
    r"on\b.{5,300}\bwrote", r"am\b.{5,300}\bschrieb\b.{0,200}", r".{3,200}\bschrieb am\b.{3,200}",
    r"le\b.{5,300}\ba (?:é|e)crit", r"el\b.{5,300}\bescribi[óo]", r"il\b.{5,300}\bha scritto",
    r"op\b.{5,300}\bschreef\b.{0,200}", r"em\b.{5,300}\bescreveu", r"den\b.{5,300}\bskrev\b.{0,200}",
    r"pada\b.{5,300}\b(?:menulis|tulis)", r".{3,300}(?:写道|寫道)", r".{3,300}(?:のメール|のメッセージ|wrote)",
    r".{3,300}(?:எழுதியது|எழுதினார்)",
)  # fmt: skip
WROTE = re.compile(rf"^\s*(?:{'|'.join(_WROTE)})\s*[:：]\s*$", re.IGNORECASE)
WROTE_BEGINS = re.compile(r"^\s*(?:(?:on|am|le|el|il|op|em|den|pada)\b|[在于於]).{5,200}$", re.IGNORECASE)

# The heads that Outlook puts before a mail it quotes.
_NAMES = (
    "from", "sent", "to", "cc", "subject", "date", "von", "gesendet", "an", "betreff", "datum", "de", "envoyé",
    "envoyé le", "à", "objet", "enviado", "enviado el", "para", "asunto", "发件人", "发送时间", "收件人", "抄送",
    "主题", "日期", "寄件者", "收件者", "主旨", "daripada", "dari", "dihantar", "tarikh", "kepada", "subjek", "perkara",
    "差出人", "送信日時", "宛先", "件名", "日時", "அனுப்புநர்", "அனுப்பியது", "பெறுநர்", "பொருள்",
)  # fmt: skip
HEAD_LINE = re.compile(rf"^\s*\*?(?:{'|'.join(_NAMES)})\s*[:：]\*?\s*\S.*$", re.IGNORECASE)
_DIVIDERS = (
    r"original message", r"forwarded message", r"forwarded by.{0,200}", r"ursprüngliche nachricht",
    r"original-nachricht", r"weitergeleitete nachricht", r"message d.origine", r"message transféré",
    r"message original",
    r"mensaje original", r"mensaje reenviado", r"原始邮件", r"原邮件", r"转发邮件信息",
    r"转发的邮件", r"原始郵件", r"mesej asal",
    r"mesej dimajukan", r"元のメッセージ", r"転送されたメッセージ", r"転送メッセージ",
    r"அசல் செய்தி", r"முன்னனுப்பிய செய்தி",
)  # fmt: skip
DIVIDER = re.compile(
    rf"^\s*(?:[-_*=]{{2,60}}\s*(?:{'|'.join(_DIVIDERS)})\s*[-_*=]{{0,60}}|_{{20,100}})\s*$", re.IGNORECASE
)
BEGIN_FORWARDED = re.compile(
    r"^\s*(?:begin forwarded message|anfang der weitergeleiteten nachricht|début du message (?:transféré|réexpédié)"
    r"|inicio del mensaje reenviado|下面是被转发的邮件|転送されたメッセージ)\s*[:：]\s*$",
    re.IGNORECASE,
)
SIGNATURE = re.compile(r"^--\s?$|^__+\s*$")
SENT_FROM = re.compile(
    r"^\s*(?:sent from my|get outlook for|von meinem .{2,40} gesendet|envoyé de mon|envoyé depuis|enviado desde mi"
    r"|发自我的|從我的|dihantar dari|iphoneから送信).{0,80}$",
    re.IGNORECASE,
)
QUOTED = re.compile(r"^\s{0,3}(?:>|\|\s|&gt;)")


@dataclass(frozen=True)
class Told:
    """`new` is what the sender wrote in this mail; `quoted` is what they repeat."""

    new: str = field(repr=False)
    quoted: str = field(repr=False)


def tell_apart(text: str, ours: Collection[str] = ()) -> Told:
    """`ours`: sentences and addresses that only our own mails say; a line with one of them is quoted, marked or not."""
    lines = [line[:LONGEST_LINE] for line in text.split("\n")[:MOST_LINES]]
    known = [one.casefold() for one in ours]
    new: list[str] = []
    quoted: list[str] = []
    rest = False  # everything from here on is quoted, or is a signature
    at = 0
    while at < len(lines):
        line = lines[at]
        if rest or QUOTED.match(line) or any(one in line.casefold() for one in known):
            quoted.append(line)
        elif length := _attribution(lines, at):
            quoted += lines[at : at + length]
            rest = not _marked_after(lines, at + length)
            at += length
            continue
        elif DIVIDER.match(line) or BEGIN_FORWARDED.match(line) or _head_block(lines, at) or SIGNATURE.match(line):
            rest = True
            quoted.append(line)
        elif SENT_FROM.match(line):
            quoted.append(line)
        else:
            new.append(line)
        at += 1
    return Told("\n".join(new).strip(), "\n".join(quoted).strip())


def _attribution(lines: list[str], at: int) -> int:
    """How many lines from here say who wrote what follows; 0: none. Programs break it after 76 signs."""
    if not lines[at].strip():
        return 0
    for length in (1, 2, 3):
        if length > 1 and not WROTE_BEGINS.match(lines[at]):
            return 0
        joined = " ".join(line.strip() for line in lines[at : at + length])
        if len(joined) < 700 and WROTE.match(joined):
            return length
    return 0


def _marked_after(lines: list[str], at: int) -> bool:
    """Whether the next line with anything in it is marked as quoted."""
    following = next((line for line in lines[at : at + 20] if line.strip()), "")
    return bool(QUOTED.match(following))


def _head_block(lines: list[str], at: int) -> bool:
    """Whether at least three of the next five lines are the heads of a mail, the first of them here."""
    if not HEAD_LINE.match(lines[at]):
        return False
    return sum(bool(HEAD_LINE.match(line)) for line in lines[at : at + 5]) >= 3
