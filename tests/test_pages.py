"""What every page and every answer of the site is made of."""

from __future__ import annotations

import gzip
import re
import time
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.test import Client, override_settings
from django.urls import path

from kept.people.access import role_required
from kept.policy.keepers import all_keepers, keepers_of
from kept.policy.looking import look_at_all
from kept.site import urls, views
from kept.terms import Actor

SITE = Path(views.__file__).parent
BY_ITSELF = "evidence/index.html"  # in a file of evidence: read from a disk, without this site and its style sheet
TEMPLATES = [
    page
    for room in SITE.parent.glob("*/templates")
    for page in room.rglob("*.html")
    if not page.as_posix().endswith(BY_ITSELF)
]
MAILS = [*(SITE.parent / "people/templates").rglob("*_message.txt"), *(SITE.parent / "rights/templates").rglob("*.txt")]
PUBLIC = ("/", "/account/login/", "/account/signup/", "/account/password/reset/")
POLICY = (
    "/policy/one-screen/",
    "/policy/one-line-each/",
    "/policy/laws/",
    "/policy/versions/",
    "/policy/3.2/",
    "/policy/6.1/",
)

pytestmark = pytest.mark.django_db


class Words(HTMLParser):
    """The words a reader sees, one string for each block."""

    BLOCKS = ("p", "li", "dt", "dd", "h1", "h2", "h3", "label", "legend", "td", "th", "button", "a", "div", "summary")

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[str] = [""]

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in self.BLOCKS and tag != "a":
            self.blocks.append("")

    def handle_data(self, data: str) -> None:
        self.blocks[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in self.BLOCKS and tag != "a":
            self.blocks.append("")


def breaks(request: HttpRequest) -> None:
    raise RuntimeError("a secret: alice@example.com")


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def forbids(request: HttpRequest) -> None:
    raise PermissionDenied


def cannot_read(request: HttpRequest) -> None:
    raise BadRequest("a secret")


class Broken:
    """The site's addresses, and three that go wrong."""

    urlpatterns = [
        *urls.urlpatterns,
        path("breaks/", breaks),
        path("forbids/", forbids),
        path("cannot-read/", cannot_read),
    ]
    handler500 = urls.handler500


# Headers


@pytest.mark.parametrize("path", ["/", "/account/login/", "/nothing-here/", "/healthz"])
def test_every_answer_forbids_what_no_page_needs(client, path):
    answer = client.get(path)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]


def test_a_page_of_somebody_signed_in_is_kept_by_no_browser(client, alice, demo):
    assert "no-store" not in client.get("/").get("Cache-Control", "")
    client.force_login(alice)
    assert client.get("/client-area/")["Cache-Control"] == "private, no-store"
    assert client.get("/")["Cache-Control"] == "private, no-store"


def test_a_visitor_who_only_reads_gets_no_cookie(client):
    assert client.get("/").cookies == {}
    assert client.get("/nothing-here/").cookies == {}


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(client, demo, alice):
    form = client.get("/account/login/")
    answer = client.post("/demo/sign-in/", {"email": alice.email})
    for cookie in (form.cookies["kept_csrf"], answer.cookies["kept_session"]):
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


def test_pages_and_the_style_sheet_go_packed_and_downloads_as_they_are(client):
    for address in ("/", "/static/kept.css"):
        plain, answer = client.get(address), client.get(address, headers={"Accept-Encoding": "gzip"})
        whole, packed = plain.getvalue(), answer.getvalue()
        plain.close()
        answer.close()
        assert "Content-Encoding" not in plain
        assert answer["Content-Encoding"] == "gzip"
        assert len(packed) < len(whole) / 2
        assert without_moments(gzip.decompress(packed)) == without_moments(whole)
    part = client.get("/static/kept.css", headers={"Accept-Encoding": "gzip", "Range": "bytes=0-9"})
    assert part.status_code == 206
    assert "Content-Encoding" not in part
    part.close()


def without_moments(body: bytes) -> bytes:
    """A page without the moments at which something was checked."""
    return re.sub(rb"<time.*?</time>", b"", body)


# Weight


def test_a_public_page_with_its_style_sheet_is_lighter_than_12_kilobytes(client):
    """As it goes over the wire, packed with gzip. The policy in full is more than that: its words alone are 5,700."""
    look_at_all(all_keepers(), by=Actor.kept())
    style = len(gzip.compress((SITE / "static/kept.css").read_bytes(), 9))
    assert style <= 6_300
    for address in (*PUBLIC, *POLICY):
        assert style + len(gzip.compress(client.get(address).content, 9)) <= 12_000, address
    assert style + len(gzip.compress(client.get("/policy/").content, 9)) <= 18_000


def test_the_style_sheet_is_asked_for_by_its_content(client):
    page = client.get("/").content.decode()
    found = re.search(r'href="(/static/kept\.css\?v=[0-9a-f]{10})"', page)
    assert found
    answer = client.get(found.group(1))
    assert answer.status_code == 200
    assert "max-age=86400" in answer["Cache-Control"]
    answer.close()


# Nothing inline, nothing from elsewhere


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_template_holds_a_style_a_script_or_an_address_of_another_site(template):
    source = template.read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)
    others = re.findall(r"(?:href|src|action)=.?(?:https?:)?//[^'\"]+", source)
    assert others == []


def test_no_style_or_script_of_ours_asks_another_site():
    ours = [file for file in (SITE / "static").rglob("*.*") if "htmx" not in file.parts]
    assert {"kept.css", "passkey.js"} <= {file.name for file in ours}
    for file in ours:
        assert not re.search(r"(?:url\(|@import|https?://|//\w+\.\w+/)", file.read_text()), file.name


# Words


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_sentence_on_a_page_is_longer_than_25_words(template):
    source = re.sub(r"{%.*?%}|{#.*?#}", "", template.read_text())
    reader = Words()
    reader.feed(re.sub(r"{{.*?}}", "word", source))
    assert [long for block in reader.blocks for long in sentences(block) if len(long.split()) > 25] == []


@pytest.mark.parametrize("mail", MAILS, ids=lambda path: path.name)
def test_no_sentence_in_a_mail_is_longer_than_25_words(mail):
    text = re.sub(r"{%.*?%}", "", mail.read_text())
    blocks = re.sub(r"{{.*?}}", "word", text).split("\n\n")
    assert [long for block in blocks for long in sentences(block) if len(long.split()) > 25] == []


def sentences(block: str) -> list[str]:
    return re.split(r"(?<=[.?!:])\s+", " ".join(block.split()))


# When something is wrong


@pytest.fixture
def broken():
    with override_settings(ROOT_URLCONF=Broken):
        yield Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("path", "status", "heading"),
    [
        ("/nothing-here/", 404, "There is no page here"),
        ("/breaks/", 500, "Something broke on our side"),
        ("/forbids/", 403, "This page is not open to you"),
        ("/cannot-read/", 400, "We could not read what your browser sent"),
    ],
)
def test_when_something_is_wrong_the_page_says_so_plainly_and_leads_on(broken, path, status, heading):
    page = broken.get(path)
    words = page.content.decode()
    assert page.status_code == status
    assert heading in words
    assert "mailto:privacy@hansoken.example" in words
    assert "Hansoken Cloud" in words
    for jargon in ("Error:", str(status), "Exception", "Traceback", "secret", "alice@", "RuntimeError"):
        assert jargon not in re.sub(r"<time.*?</time>|\?v=\w+", "", words), jargon


def test_the_page_for_what_broke_needs_neither_the_store_nor_the_person(rf):
    request = rf.get("/")
    assert not hasattr(request, "user")
    assert views.server_error(request).status_code == 500


def test_a_form_that_is_too_old_says_what_to_do(alice):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    page = strict.post("/account/name/", {"name": "Mallory"})
    assert page.status_code == 403
    assert "This form is too old to send" in page.content.decode()
    assert "CSRF" not in page.content.decode()


def test_too_many_tries_get_a_page_of_ours(client):
    for _ in range(21):
        page = client.post("/account/password/reset/", {"email": "nobody@example.com"})
    assert page.status_code == 429
    assert "Too many tries" in page.content.decode()


# For machines


def test_security_txt_names_a_contact_and_expires_within_the_year(client):
    answer = client.get("/.well-known/security.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.content.decode().strip().splitlines())
    assert fields["Contact"] == "mailto:privacy@hansoken.example"
    expires = datetime.strptime(fields["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(days=90) < expires - datetime.now(UTC) < timedelta(days=365)
    assert fields["Canonical"].endswith("/.well-known/security.txt")


def test_password_managers_find_the_form_that_changes_a_password(client):
    assert client.get("/.well-known/change-password")["Location"] == "/account/password/change/"


def test_the_health_page_says_ok_and_nothing_else_even_without_a_store(client, django_db_blocker):
    with django_db_blocker.block():
        answer = client.get("/healthz")
    assert answer.content == b"ok"
    assert answer.cookies == {}


# The first page, and where its links lead


def test_the_first_page_shows_a_sentence_of_the_policy_with_what_a_check_found(client, alice):
    look_at_all(keepers_of("5.1"), by=Actor.kept())
    page = client.get("/").content.decode()
    assert "Your password is stored so that nobody can read it back." in page
    assert 'data-state="kept"' in page


def test_every_link_of_the_first_pages_leads_somewhere(client, alice):
    client.force_login(alice)
    for start in ("/", "/client-area/", "/nothing-here/", "/account/2fa/"):
        page = client.get(start).content.decode()
        for address in set(re.findall(r'href="(/[^"#?]*)', page)):
            if not address.startswith("/static/"):
                assert client.get(address, follow=True).status_code == 200, f"{start} leads to {address}"


def test_the_page_one_is_on_is_marked_in_the_navigation(client):
    page = client.get("/account/login/").content.decode()
    assert '<a href="/account/login/" aria-current="page">Sign in</a>' in page


def test_the_ribbon_says_that_nothing_is_real_in_the_demo_and_only_there(client, demo, settings):
    assert "This is a demonstration" in client.get("/").content.decode()
    assert 'href="/outbox/"' in client.get("/").content.decode()
    settings.DEMO = False
    assert "demonstration" not in client.get("/").content.decode()


def test_a_missing_static_file_is_found_when_the_page_is_drawn():
    from django.template import Context, Template

    with pytest.raises(FileNotFoundError, match=r"nothing\.css"):
        Template("{% load kept %}{% asset 'nothing.css' %}").render(Context())


def test_a_way_to_a_room_that_is_not_there_is_not_drawn(rf):
    from django.template import RequestContext, Template

    drawn = Template("{% load kept %}{% way 'no_such_room' 'Nowhere' %}").render(RequestContext(rf.get("/"), {}))
    assert drawn == ""


@pytest.mark.parametrize(("who", "drawn"), [("olga", True), ("sam", False), ("alice", False), (None, False)])
def test_a_way_is_drawn_only_for_those_it_opens_to(rf, cast, who, drawn):
    from django.contrib.auth.models import AnonymousUser
    from django.template import RequestContext, Template
    from django.views.decorators.http import require_safe

    class Addresses:
        urlpatterns = [path("room/", require_safe(role_required("privacy_officer")(home)), name="room")]

    request = rf.get("/")
    request.user = cast[who] if who else AnonymousUser()
    page = RequestContext(request, {"user": request.user})
    with override_settings(ROOT_URLCONF=Addresses):
        assert ("/room/" in Template("{% load kept %}{% way 'room' 'Room' %}").render(page)) is drawn


def test_no_field_is_cut_by_the_browser_without_a_word():
    """A browser that is told `maxlength` drops what is pasted beyond it. Our forms refuse it, and say how much fits."""
    from django import forms

    from kept.people.forms import NameForm
    from kept.rights.forms import CodeForm, WhoForm

    for form in (NameForm, WhoForm, CodeForm):
        assert "<input" in str(form())
        assert "maxlength" not in str(form())
    drawn = str(type("Any", (forms.Form,), {"note": forms.CharField(max_length=5, widget=forms.Textarea)})())
    assert "maxlength" not in drawn
    assert 'name="note"' in drawn


@pytest.mark.parametrize(
    ("address", "field", "limit"),
    [("/account/name/", "name", 200), ("/account/email/", "email", 254), ("/account/signup/", "email", 254)],
)
def test_what_is_too_long_is_refused_with_the_limit(client, alice, address, field, limit):
    if "signup" not in address:
        client.force_login(alice)
        session = client.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
        session.save()
    many = 650 if field == "name" else 60  # an address of 290 signs: allauth would take it, and no store hold it
    long = "n" * many + (f"@{'m' * 60}.{'m' * 60}.{'m' * 60}.{'m' * 40}.com" if field == "email" else "")
    page = client.post(address, {field: long, "password1": "seven quiet herons wade", "action_add": ""})
    assert page.status_code == 200
    words = re.sub(r"<[^>]+>", "", page.content.decode())
    assert re.search(rf"at most {limit}\b", words), words
    alice.refresh_from_db()
    assert alice.name == "Alice Arden"


def test_forms_with_choices_boxes_and_optional_fields_are_drawn_for_everybody():
    from django import forms

    class Question(forms.Form):
        right = forms.ChoiceField(
            label="What do you want?",
            help_text="Choose one.",
            widget=forms.RadioSelect,
            choices=[("access", "A copy"), ("erasure", "Erasure")],
        )
        note = forms.CharField(label="Anything else", required=False)
        sure = forms.BooleanField(label="I am sure")

    html = str(Question({}))
    assert '<a href="#id_right_0">What do you want? This field is required.</a>' in html
    assert "<legend>What do you want?</legend>" in html
    assert 'aria-describedby="id_right_helptext id_right_error"' in html
    assert 'id="id_right_error"' in html
    assert "Anything else (optional)" in html
    assert re.search(r'<label class="choice" for="id_sure"><input type="checkbox"', html)
    assert get_template("forms/form.html")
