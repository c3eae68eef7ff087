"""Who may open what."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from accounts import carol
from django.contrib.auth.models import AnonymousUser

from kept.people.access import display_name, role_required

__all__ = ["carol"]

pytestmark = [pytest.mark.django_db, pytest.mark.store]


def test_a_page_of_other_roles_is_absent_and_nobody_is_led_to_sign_in(rf, olga, sam):
    from django.http import Http404, HttpResponse

    @role_required("privacy_officer")
    def page(request) -> HttpResponse:
        return HttpResponse("seen")

    def ask(user: object, method: Callable = rf.get):
        request = method("/secret/?a=b")
        request.user = user
        return page(request)

    assert ask(olga).content == b"seen"
    with pytest.raises(Http404):
        ask(sam)
    assert ask(AnonymousUser())["Location"] == "/account/login/?next=/secret/%3Fa%3Db"
    assert ask(AnonymousUser(), rf.post)["Location"] == "/account/login/?next=/client-area/"


def test_a_misspelt_role_is_found_when_the_code_is_read():
    with pytest.raises(ValueError, match="roles must be"):
        role_required("privacy-officer")  # type: ignore[arg-type]


def test_a_person_without_a_name_is_called_by_their_address(carol):
    assert display_name(carol) == "Carol Castle"
    carol.name = ""
    assert display_name(carol) == "carol@example.com"
