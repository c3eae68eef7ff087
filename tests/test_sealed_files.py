"""Files made for people lie sealed on the disk, and are gone with the key of their request."""

from __future__ import annotations

import zipfile
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.http import Http404
from django.utils import timezone
from house import KEPT, bytes_of, house, store, zip_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kept.rights import actions
from kept.rights.access import file_of
from kept.rights.models import Package
from kept.rights.packages import folder, is_whole
from kept.rights.rules import DOWNLOAD_LIFE
from kept.security.backup.stream import BLOCK
from kept.security.models import Entry
from kept.security.sealed_files import FileUnreadable, has_its_size, open_sealed, seal_file
from kept.security.vault.actions import destroy_key
from kept.vault.keys import make_key

__all__ = ["house", "store"]

pytestmark = pytest.mark.store


@pytest.fixture
def answered(house):
    case = house.reviewed("access", "alice@example.com")
    actions.approve(case, by=house.officer, at=timezone.now())
    house.work()
    return house.now(case)


def test_the_copy_lies_sealed_on_the_disk(answered):
    package = answered.packages.get()
    path = folder() / package.file
    raw = path.read_bytes()
    assert not zipfile.is_zipfile(path)
    with zip_of(package) as copy:
        for name in copy.namelist():
            assert name.encode() not in raw
    assert bytes_of(package)[30:80] not in raw
    assert [one.name for one in django_settings.DATA.rglob("*.zip")] == []
    assert list(folder().iterdir()) == [path], "and nothing that is not sealed stays beside it"
    assert len(bytes_of(package)) == package.size


def test_an_erasure_report_is_sealed_too(house):
    [case] = house.confirmed("alice@example.com")
    house.work()
    package = house.now(case).packages.get()
    assert not zipfile.is_zipfile(folder() / package.file)
    with zip_of(package) as report:
        assert "report.json" in report.namelist()


def test_the_file_of_a_request_that_ended_opens_for_nobody(answered, house):
    package = answered.packages.get()
    raw = (folder() / package.file).read_bytes()
    actions.close_due_cases(by=KEPT, at=timezone.now() + DOWNLOAD_LIFE + timedelta(minutes=1))
    (folder() / package.file).write_bytes(raw)  # as from a backup
    with pytest.raises(Http404):
        file_of(Package.objects.get(pk=package.pk))
    with pytest.raises(FileUnreadable):
        open_sealed(folder() / package.file, answered.key)


def test_a_sealed_file_opens_under_no_other_name_and_with_no_other_key(answered):
    path = folder() / answered.packages.get().file
    other = path.with_name("other.sealed")
    other.write_bytes(path.read_bytes())
    with pytest.raises(FileUnreadable):
        open_sealed(other, answered.key)
    with pytest.raises(FileUnreadable):
        open_sealed(path, make_key())
    destroy_key(answered.key, by=KEPT, at=timezone.now())
    with pytest.raises(FileUnreadable):
        open_sealed(path, answered.key)


def test_a_file_that_an_older_version_wrote_in_clear_is_fetched_and_soon_sealed(answered, house):
    package = answered.packages.get()
    whole = bytes_of(package)
    (folder() / package.file).unlink()
    clear = folder() / f"{answered.pk}.zip"
    clear.write_bytes(whole)
    Package.objects.update(file=clear.name)
    package.refresh_from_db()
    assert is_whole(package)
    assert bytes_of(package) == whole
    house.queue("rights.remove_packages")
    house.work()
    package.refresh_from_db()
    assert not clear.exists()
    assert package.file == f"{answered.pk}.sealed"
    assert is_whole(package)
    assert bytes_of(package) == whole
    assert Entry.objects.filter(kind="rights.package_sealed").count() == 1


def test_what_a_killed_worker_had_not_sealed_yet_goes(answered, house, time_machine):
    workshop = folder() / ".workkilled.part"
    workshop.mkdir()
    (workshop / "half.zip").write_bytes(b"half")
    house.queue("rights.remove_packages")
    house.work()
    assert workshop.exists(), "it may still be at work"
    time_machine.move_to(timezone.now() + timedelta(days=2))
    house.queue("rights.remove_packages")
    house.work()
    assert not workshop.exists()


@given(size=st.sampled_from([0, 1, 100, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 5]), cut=st.integers(1, 40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12)
def test_a_sealed_file_of_any_size_comes_back_and_one_cut_off_is_known(store, tmp_path, size, cut):
    plain, sealed, number = tmp_path / "plain", tmp_path / "sealed", make_key()
    plain.write_bytes(bytes(range(256)) * (size // 256) + b"x" * (size % 256))
    seal_file(plain, sealed, number)
    assert has_its_size(sealed, size)
    with open_sealed(sealed, number) as file:
        assert file.read() == plain.read_bytes()
    sealed.write_bytes(sealed.read_bytes()[:-cut])
    assert not has_its_size(sealed, size)
