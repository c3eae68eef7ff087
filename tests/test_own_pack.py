"""Kept's own tables are in the inventory like anybody's: every one, every column, with what becomes of it."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection
from house import house, store

from kept.engine.packs import load
from kept.information.access import OWN, open_system
from kept.information.models import System

__all__ = ["house", "store"]

pytestmark = pytest.mark.store


def own():
    return open_system(System(name="kept", title="Privacy centre", address=OWN, pack="kept"))


def test_every_field_of_every_installed_app_is_named():
    pack = load("kept")
    missing = []
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if table in pack.not_personal:
            continue
        columns = pack.tables[table].columns if table in pack.tables else {}
        missing += [f"{table}.{field.column}" for field in model._meta.local_fields if field.column not in columns]
    assert missing == []


def test_what_is_said_to_hold_nobody_names_nobody():
    """Tables without people hold no text that a person could have typed."""
    pack = load("kept")
    models = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    for table in pack.not_personal - {"django_migrations"}:
        assert models[table]._meta.app_label in ("auth", "contenttypes", "policy", "security", "vault", "backup"), table


def test_pack_and_migrated_store_agree_to_the_last_column(store):
    faults, unknown = own().check()
    assert faults == []
    assert unknown == []


def test_a_table_or_a_column_that_nobody_decided_about_is_found(store):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE rights_later (id INTEGER PRIMARY KEY, note TEXT)")
        cursor.execute("ALTER TABLE people_account ADD COLUMN nickname TEXT")
    try:
        faults, unknown = own().check()
        assert [(one.table, one.column) for one in faults] == [("people_account", "nickname")]
        assert [one.table for one in unknown] == ["rights_later"]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE rights_later")
            cursor.execute("ALTER TABLE people_account DROP COLUMN nickname")


def test_what_stays_by_law_names_its_law_and_everything_its_period():
    for rule in load("kept").tables.values():
        assert rule.period.endswith("."), rule.name
        if any(column.do == "law" for column in rule.columns.values()):
            assert rule.law is not None
            assert rule.law.name.startswith("GDPR Art."), rule.name


def test_no_secret_of_ours_is_shown_in_anybodys_copy():
    secrets = {
        f"{rule.name}.{column.name}"
        for rule in load("kept").tables.values()
        for column in rule.columns.values()
        if column.secret
    }
    named = {
        f"{rule.name}.{column.name}"
        for rule in load("kept").tables.values()
        for column in rule.columns.values()
        if any(word in column.name for word in ("password", "token", "code_hash", "session_", "address"))
        and rule.name not in ("account_emailaddress",)
        and column.name not in ("email_address_id",)
    }
    assert named <= secrets
    assert {"mfa_authenticator.data", "account_emailconfirmation.key"} <= secrets


def test_only_the_account_itself_widens_a_search():
    """Addresses that nobody has proven, and cases that anybody may open, say nothing about who is meant."""
    assert [rule.name for rule in load("kept").tables.values() if rule.person] == ["people_account"]
