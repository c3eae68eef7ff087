"""The page where a receipt is checked, and the files that let anybody check without us."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from kept.security import verifier as stand_alone
from kept.security.ledger_errors import TreeDamaged
from kept.security.models import Log
from kept.security.notes import BadNote, Head, Key
from kept.security.public.answers import FORKED, MOST_BYTES, UNREADABLE, answer
from kept.security.sequencer import head_of, keys_of, present_log
from kept.security.tree import consistency_proof


@require_http_methods(["GET", "HEAD", "POST"])
def ledger(request: HttpRequest) -> HttpResponse:
    """Everybody may open it, and what they bring is not stored."""
    log = present_log()
    head, keys = _present(log)
    context: dict[str, object] = {
        "log": log,
        "head": head,
        "keys": keys,
        "key": keys[-1] if keys else None,
        "most": MOST_BYTES,
        "forked": FORKED,
        "unreadable": UNREADABLE,
    }
    context["keys_text"] = [one.text for one in keys]
    if request.method == "POST":
        file = request.FILES.get("file")
        raw = file.read(MOST_BYTES + 1) if file else request.POST.get("receipt", "").encode("utf-8", "replace")
        context |= {"answer": answer(raw, log), "brought": "" if file else request.POST.get("receipt", "")[:MOST_BYTES]}
    return render(request, "ledger/ledger.html", context)


@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The latest checkpoint as a signed note, for whoever wants to keep it elsewhere."""
    log = present_log()
    if log is None or not log.checkpoint:
        raise Http404
    return _text(log.checkpoint, "checkpoint.txt")


@require_safe
def consistency(request: HttpRequest, first: int, second: int) -> HttpResponse:
    """The hashes that show that the tree of `second` entries goes on from that of `first`, one a line."""
    log = present_log()
    if log is None or not 0 < first <= second <= log.size:
        raise Http404
    try:
        hashes = consistency_proof(first, second)
    except TreeDamaged as problem:
        raise Http404 from problem
    return _text("".join(f"{b64encode(one).decode()}\n" for one in hashes), f"consistency-{first}-{second}.txt")


@require_safe
def verifier(request: HttpRequest) -> HttpResponse:
    """The one file that checks without us."""
    return _text(Path(stand_alone.__file__).read_text(encoding="utf-8"), "kept_verify.py", "text/x-python")


def _present(log: Log | None) -> tuple[Head | None, list[Key]]:
    """What can be shown of the ledger; nothing where its row was damaged."""
    try:
        return head_of(log) if log else None, keys_of(log)
    except BadNote:
        return None, []


def _text(text: str, name: str, kind: str = "text/plain") -> HttpResponse:
    response = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
