"""The company's systems: added with care, opened by reference, compared with their inventory."""

from __future__ import annotations

import os
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from django.db import connections
from django.utils import timezone
from house import KEPT, house, own_dump, store

from kept.engine.errors import PackError, SystemRefused, SystemUnreachable
from kept.information.access import active_systems, close_systems, open_system, pack_of, url_of
from kept.information.actions import MayNotAddSystems, SystemRejected, add_system
from kept.information.models import System
from kept.information.promises import TOO_OLD, every_kind_of_record_has_a_purpose, inventory_is_complete
from kept.policy.keepers import keepers_of
from kept.security.models import Entry
from kept.terms import Actor, State
from kept.work.run import work_off
from kept.work.steps import queue

__all__ = ["house", "store"]

pytestmark = pytest.mark.store


def add(name="crm", url="sqlite:////nowhere/crm.sqlite3", pack="demo-billing", by=KEPT):
    return add_system(name, "CRM", url, pack, "Singapore", "Sales", by=by, at=timezone.now())


def check_all():
    queue("information.check_all", at=timezone.now())
    work_off(timezone.now(), names=["information.check_all"])


def test_a_system_is_added_once_and_kepts_own_database_with_it(store):
    add()
    add()
    assert list(System.objects.values_list("name", flat=True)) == ["kept", "crm"]
    assert Entry.objects.filter(kind="information.system_added").count() == 2
    assert [system.name for system in active_systems()] == ["crm", "kept"], "our own is asked last"


def test_what_is_said_anew_about_a_system_counts(store):
    add()
    changed = add(pack="demo-helpdesk")
    assert (changed.pack, System.objects.count()) == ("demo-helpdesk", 2)
    assert Entry.objects.filter(kind="information.system_changed").count() == 1


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://kept:secret-word@db/company",
        "mysql://root:secret-word@db/company",
        "postgresql://db/company?password=secret-word",
        "not a url secret-word",
        "env:",
    ],
)
def test_a_password_is_never_stored_and_never_repeated(store, url):
    with pytest.raises(SystemRejected) as refused:
        add(url=url)
    assert "secret-word" not in str(refused.value)
    assert "env:" in str(refused.value)
    assert "secret-word" not in own_dump()
    assert not System.objects.filter(name="crm").exists()


@pytest.mark.parametrize("name", ["", "kept", "Billing", "bil ling", "../etc", "a" * 41, "-billing"])
def test_a_name_that_cannot_be_a_scope_is_refused(store, name):
    with pytest.raises(SystemRejected):
        add(name=name)


def test_an_unknown_pack_is_refused_with_those_that_there_are(store):
    with pytest.raises(SystemRejected, match="fossbilling"):
        add(pack="no-such-pack")


@pytest.mark.parametrize("role", ["customer", "support", "privacy_officer", "auditor", "person"])
def test_only_engineers_add_systems(store, role):
    with pytest.raises(MayNotAddSystems):
        add(by=Actor(role))


def test_the_address_may_stand_in_a_variable_or_a_file(house, tmp_path, monkeypatch):
    url = f"sqlite:///{house.file('billing')}"
    monkeypatch.setenv("CRM_URL", url)
    assert open_system(add(url="env:CRM_URL")).drift() == []
    place = tmp_path / "url"
    place.write_text(f"{url}\n")
    assert open_system(add(url=f"file:{place}")).drift() == []
    monkeypatch.delenv("CRM_URL")
    with pytest.raises(SystemRefused, match="CRM_URL"):
        open_system(add(url="env:CRM_URL"))


def test_a_connector_stays_open_for_its_thread_and_no_other(house):
    system = System.objects.get(name="billing")
    here, there = open_system(system), []

    def elsewhere():
        try:
            there.append(open_system(system))
            close_systems()
        finally:
            connections.close_all()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert open_system(system) is here
    assert there[0] is not here
    close_systems()
    assert open_system(system) is not here


def test_a_thread_that_ends_leaves_no_system_open(house):
    system, disposed = System.objects.get(name="billing"), []

    def elsewhere():
        try:
            connector = open_system(system)
            sa.event.listen(connector.engine, "engine_disposed", disposed.append)
            connector.drift()
        finally:
            connections.close_all()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert len(disposed) == 1


def test_a_mended_pack_is_read_at_once(house, tmp_path):
    from importlib import resources

    own = tmp_path / "mine.toml"
    shipped = (resources.files("kept") / "packs" / "demo-newsletter.toml").read_text(encoding="utf-8")
    own.write_text(shipped.replace('title = "Newsletter"', 'title = "Our letters"', 1))
    System.objects.filter(name="newsletter").update(pack=str(own))
    system = System.objects.get(name="newsletter")
    assert pack_of(system).title == "Our letters"
    before = open_system(system)
    own.write_text(shipped)
    os.utime(own, ns=(1, 1))
    assert open_system(system) is not before
    assert pack_of(system).title == "Newsletter"


def test_a_pack_speaks_of_the_system_that_runs_the_other_product(house):
    """The help desk stores billing numbers: it calls them by the product's name, the company by the system's."""
    user = pack_of(System.objects.get(name="helpdesk")).tables["user"]
    assert {link.scope for link in user.links if link.kind == "account"} == {"helpdesk", "billing"}
    assert pack_of(System.objects.get(name="billing")).tables["client"].links[0].scope == "billing"


def test_one_broken_pack_stops_its_own_system_and_no_other(house, tmp_path):
    own = tmp_path / "mine.toml"
    own.write_text("format = 1\nname = ")
    System.objects.filter(name="newsletter").update(pack=str(own))
    with pytest.raises(PackError):
        open_system(System.objects.get(name="newsletter"))
    assert open_system(System.objects.get(name="helpdesk")).drift() == []
    check_all()
    assert System.objects.get(name="newsletter").problem
    assert System.objects.get(name="billing").checked_at


def test_kepts_own_database_is_where_django_has_it(house):
    own = System.objects.get(name="kept")
    assert "PASSWORD" not in own.address
    assert url_of(own) != own.address
    assert open_system(own).drift() == []


def test_a_system_that_is_away_says_so_and_says_no_address(store):
    with pytest.raises(SystemUnreachable) as away:
        open_system(add())
    assert "nowhere" not in str(away.value)


@pytest.mark.breaks("information.inventory_is_complete", "information.every_kind_of_record_has_a_purpose")
def test_the_inventory_keeper_sees_a_field_that_nobody_wrote_down(house):
    assert [bound.look for bound in keepers_of("3.2")] == [inventory_is_complete]
    now = timezone.now()
    assert inventory_is_complete(now).state is State.CANNOT_TELL, "nobody has looked yet"
    check_all()
    seen = inventory_is_complete(timezone.now())
    assert seen.figure == "0 fields without an entry in 4 systems"
    assert "cannot be shown yet" in seen.meaning, "legal bases and encryption are no part of it yet"
    house.ask("newsletter", "ALTER TABLE subscribers ADD COLUMN nickname TEXT")
    house.ask("newsletter", "CREATE TABLE left_over (id INTEGER PRIMARY KEY, note TEXT)")
    check_all()
    red = inventory_is_complete(timezone.now())
    assert (red.state, red.figure) == (State.BROKEN, "2 fields or tables without an entry")
    assert every_kind_of_record_has_a_purpose(now).state is State.BROKEN


def test_the_inventory_keeper_cannot_tell_what_was_not_looked_at(house):
    check_all()
    house.file("billing").rename(house.file("billing").with_suffix(".away"))
    check_all()
    seen = inventory_is_complete(timezone.now())
    assert (seen.state, seen.figure) == (State.CANNOT_TELL, "3 of 4 systems looked at")
    assert System.objects.get(name="billing").problem
    old = inventory_is_complete(timezone.now() + TOO_OLD + timedelta(minutes=1))
    assert (old.state, old.figure) == (State.CANNOT_TELL, "0 of 4 systems looked at")


def test_a_system_is_compared_as_soon_as_it_is_added(house):
    work_off(timezone.now(), names=["information.check"])
    assert set(System.objects.exclude(checked_at=None).values_list("name", flat=True)) == {
        "billing",
        "helpdesk",
        "newsletter",
    }
