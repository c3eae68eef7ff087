"""What every page knows."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest | None = None) -> dict[str, object]:
    return {"company": settings.COMPANY, "contact": settings.CONTACT, "demo": settings.DEMO}
