"""The outbox page: in the demo everybody reads every mail. Outside it, these pages do not exist."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from kept.post.languages import language_of
from kept.post.models import Message
from kept.vault.fields import open_all

# A mail styles itself, runs no script, and is cut off from the site that shows it.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


def demo_only() -> None:
    if not settings.DEMO:
        raise Http404


@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    demo_only()
    mails = Message.objects.order_by("-written_at", "-pk").defer("text", "html")
    page = Paginator(mails, 50).get_page(request.GET.get("page"))
    open_all(page.object_list)
    return render(request, "post/outbox.html", {"page": page})


@require_safe
def message(request: HttpRequest, message_id: UUID) -> HttpResponse:
    demo_only()
    mail = get_object_or_404(Message, pk=message_id)
    return render(request, "post/message.html", {"mail": mail, "language": language_of(mail.language)})


@require_safe
def html_part(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """The mail as a mail program shows it."""
    demo_only()
    mail = get_object_or_404(Message.objects.exclude(html=""), pk=message_id)
    return HttpResponse(mail.html, headers={"Content-Security-Policy": MAIL_POLICY})
