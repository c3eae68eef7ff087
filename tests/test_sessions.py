"""What a session holds is sealed: the form somebody has begun, and who signs in there."""

from __future__ import annotations

import base64
import zlib

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from kept.people.sessions import SessionStore, opened

pytestmark = pytest.mark.store


@pytest.mark.django_db
def test_a_form_that_was_begun_names_nobody_in_the_store(client):
    client.get(reverse("ask"))
    session = client.session
    session["answers"] = {"email": "alice@example.com"}
    session.save()
    row = Session.objects.get(pk=session.session_key)
    raw = base64.b64decode(row.session_data)
    for text in (row.session_data.encode(), raw):
        assert b"alice" not in text
        assert base64.b64encode(b"alice@example.com")[:-4] not in text
    with pytest.raises(zlib.error):
        zlib.decompress(raw)
    assert opened(row)["answers"] == {"email": "alice@example.com"}


@pytest.mark.django_db
def test_whoever_signs_in_is_signed_in_and_out_again(client, alice):
    client.force_login(alice)
    row = Session.objects.get()
    assert str(alice.pk) not in row.session_data
    assert opened(row)["_auth_user_id"] == str(alice.pk)
    assert client.get(reverse("client_area")).status_code == 200
    client.logout()
    assert client.get(reverse("client_area")).status_code == 302


@pytest.mark.django_db
def test_a_session_that_was_changed_or_is_of_another_key_is_empty(settings):
    store = SessionStore()
    sealed = store.encode({"a": 1})
    assert store.decode(sealed) == {"a": 1}
    raw = base64.b64decode(sealed)
    for damaged in ("", "?", "AAAA", sealed[:-4], base64.b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode()):
        assert store.decode(damaged) == {}
    before, settings.SECRET_KEY = settings.SECRET_KEY, "another key of the site, as long as it has to be: 0123456789"
    assert store.decode(sealed) == {}
    settings.SECRET_KEY_FALLBACKS = [before]
    assert store.decode(sealed) == {"a": 1}, "a key that was changed goes on opening what it sealed"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.text(), json_values))
def test_any_session_comes_back_as_it_was(session):
    store = SessionStore()
    assert store.decode(store.encode(session)) == session


@given(st.text())
def test_what_is_no_session_is_empty(text):
    assert SessionStore().decode(text) == {}
