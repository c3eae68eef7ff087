"""Mail that no person wrote to us: it is kept and read, and never answered. RFC 3834; RFC 5230, 4.6."""

from __future__ import annotations

from kept.collection.mail.parsing import Mail

SILENT_SENDERS = (
    "mailer-daemon",
    "postmaster",
    "no-reply",
    "noreply",
    "do-not-reply",
    "donotreply",
    "bounce",
    "bounces",
)
BOUNCE, REPORT = "a bounce: its return path is empty", "a report of a mail system"
OLD_SIGNS = ("x-autoreply", "x-autorespond", "x-loop")


def why_automatic(mail: Mail, return_path: str | None) -> str:
    """Why it is taken for an automatic one, in plain words; "": a person may have written it.

    `return_path`: the envelope's sender; "" is that of bounces, None is not known.
    """
    submitted = mail.head("auto-submitted").split(";")[0].strip().lower()
    if return_path == "" or mail.head("return-path").replace(" ", "") == "<>":
        return BOUNCE
    if mail.head("content-type").lower().startswith(("multipart/report", "message/delivery-status")):
        return REPORT
    if submitted and submitted != "no":
        return "an automatic answer: it says so itself"
    if mail.head("list-id") or mail.head("list-unsubscribe") or mail.head("list-post"):
        return "from a mailing list"
    if mail.head("precedence").strip().lower() in ("bulk", "list", "junk", "auto_reply"):
        return "sent in bulk: it says so itself"
    if any(mail.head(name) for name in OLD_SIGNS):
        return "an automatic answer: it says so itself"
    local = mail.senders[0].email.partition("@")[0] if mail.senders else ""
    if local.startswith(SILENT_SENDERS):
        return "from an address that reads no answers"
    return ""


def is_report(why: str) -> bool:
    """Whether it may say that a mail of ours did not arrive."""
    return why in (BOUNCE, REPORT)
