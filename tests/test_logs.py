"""What is logged: whole sentences and a route, and nothing that says whose request it was."""

from __future__ import annotations

import json
import logging

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from kept.site import urls
from kept.site.logs import JsonLines

pytestmark = pytest.mark.django_db

TOKEN = "c2VjcmV0LXRva2VuLW9mLWFsaWNl"


def breaks(request: HttpRequest, key: str) -> HttpResponse:
    raise RuntimeError(f"a secret: alice@example.com {key}")


class Addresses:
    urlpatterns = [*urls.urlpatterns, path("breaks/<str:key>/", breaks, name="breaks")]
    handler500 = urls.handler500


def lines_of(caplog) -> list[dict]:
    return [json.loads(JsonLines().format(entry)) for entry in caplog.records]


@pytest.mark.parametrize(
    ("address", "status", "message", "route", "level"),
    [
        (f"/requests/{TOKEN}/", 404, "Not Found", "request", "warning"),
        (f"/nothing/{TOKEN}/alice@example.com", 404, "Not Found", "", "warning"),
        (f"/desk/file/{TOKEN}/", 404, "Not Found", "", "warning"),
        (f"/breaks/{TOKEN}/", 500, "Internal Server Error", "breaks", "error"),
        (f"/account/logout/?alice={TOKEN}", 405, "Method Not Allowed", "account_logout", "warning"),
    ],
)
def test_an_answer_that_went_wrong_is_logged_by_its_route(caplog, address, status, message, route, level):
    with override_settings(ROOT_URLCONF=Addresses):
        client = Client(raise_request_exception=False)
        answer = client.put(address) if status == 405 else client.get(address)
    assert answer.status_code == status
    [line] = [line for line in lines_of(caplog) if line["from"] == "django.request"]
    assert line["message"] == message
    assert (line["route"], line["status"], line["level"]) == (route, status, level)
    assert line["method"] == ("PUT" if status == 405 else "GET")
    assert TOKEN not in json.dumps(line)
    assert "alice" not in json.dumps(line)


def test_a_form_without_its_token_is_logged_without_the_address(caplog):
    Client(enforce_csrf_checks=True).post(f"/requests/{TOKEN}/", {"code": "123456"})
    [line] = [line for line in lines_of(caplog) if line["from"] == "django.security.csrf"]
    assert (line["message"], line["route"], line["status"]) == ("Forbidden", "request", 403)
    assert TOKEN not in json.dumps(line)


def test_a_host_that_is_not_ours_is_logged_without_its_name(caplog):
    Client(headers={"host": "alice.example.com"}).get("/")
    [line] = [line for line in lines_of(caplog) if line["from"] == "django.security.DisallowedHost"]
    assert (line["message"], line["status"]) == ("Bad Request", 400)
    assert "alice" not in json.dumps(line)


@pytest.mark.parametrize(
    ("said", "values", "logged"),
    [
        ("Took %.1f of %d seconds for %s", (0.25, 3, "alice@example.com"), "Took 0.2 of 3 seconds for …"),
        ("%(count)d mails to %(who)s", ({"count": 2, "who": "Alice"},), "2 mails to …"),
        ("Mail to alice@example.com came back", (), "Mail to … came back"),
        ("Read /var/lib/kept/packages/alice.zip twice", (), "Read … twice"),
        ("%d of %d", ("alice",), "%d of %d"),
        ("100% done", (), "100% done"),
    ],
)
def test_what_other_libraries_say_is_a_whole_sentence_without_names(said, values, logged):
    entry = logging.LogRecord("granian", logging.WARNING, __file__, 1, said, values, None)
    assert json.loads(JsonLines().format(entry))["message"] == logged


def test_our_own_messages_are_constant_text_with_numbers():
    entry = logging.LogRecord("kept.work.run", logging.INFO, __file__, 1, "%d steps", (3,), None)
    assert json.loads(JsonLines().format(entry))["message"] == "3 steps"
