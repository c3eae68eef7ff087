"""What a person takes along: only what is theirs to take, in a form that computers read; and nothing is believed
of a package that somebody sends."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from functools import partial

import jsonschema_rs
import pytest
from django.utils import timezone
from house import PERSON, house, store, zip_of
from hypothesis import given
from hypothesis import strategies as st

from kept.engine.package import PORTABLE, schema_of
from kept.engine.portable import (
    BadPackage,
    Bounds,
    Changed,
    NotAPackage,
    NotTheFormat,
    TooLarge,
    read_portable,
    signed_text,
)
from kept.information.access import pack_of
from kept.information.models import System
from kept.rights import actions
from kept.rights.models import Case
from kept.rights.particulars.portability import Form
from kept.rights.signatures import is_signed, public_keys, sign

__all__ = ["house", "store"]

VALID = jsonschema_rs.validator_for(json.loads(schema_of(PORTABLE)))
DATA = {
    "format": "kept-portability/1", "company": "Old Host", "contact": "privacy@old.example", "reference": "OH-1",
    "made_at": "2026-11-22T10:00:00+00:00", "notes": [],
    "tables": [{
        "system": "billing", "table": "client", "title": "Your details", "category": "account", "source": "You.",
        "file": "csv/billing/client.csv",
        "columns": [{"name": "email", "label": "E-mail"}, {"name": "n", "label": "N"}],
        "records": [{"email": "alice@example.com", "n": 1}, {"email": None}],
    }],
}  # fmt: skip


def data(**changes):
    return json.loads(json.dumps({**DATA, **changes}))


def package(body=DATA, files=None, manifest=None, *, pack=zipfile.ZIP_DEFLATED, more=()):
    """A package as a sender makes it; each part can be another."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    files = {"data.json": raw, "index.html": b"<p>", "csv/billing/client.csv": b"email\r\n"} if files is None else files
    listed = [
        {"path": name, "sha256": hashlib.sha256(text).hexdigest(), "size": len(text)} for name, text in files.items()
    ]
    told = {"format": "kept-portability/1", "files": listed} if manifest is None else manifest
    inside = told if isinstance(told, bytes) else json.dumps(told).encode()
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", pack) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr("manifest.json", inside)
        archive.writestr("manifest.sig", "c2ln")
        for name, text in more:
            archive.writestr(name, text)
    return whole


def refused(file, bounds=None):
    with pytest.raises(BadPackage) as problem:
        read_portable(file, bounds or Bounds())
    assert "alice" not in str(problem.value)
    return type(problem.value)


# What is read


def test_a_package_as_it_should_be_is_read_whole():
    read = read_portable(package(), Bounds())
    assert (read.company, read.reference, read.records) == ("Old Host", "OH-1", 2)
    assert [column.label for column in read.tables[0].columns] == ["E-mail", "N"]
    assert VALID.is_valid(DATA)


@pytest.mark.parametrize(
    "body",
    [
        data(format="kept-access/1"),
        data(company=["x"]),
        data(company="x" * 201),
        data(tables={}),
        data(more=1),
        {key: value for key, value in DATA.items() if key != "tables"},
        data(tables=[{**DATA["tables"][0], "records": [{"other": 1}]}]),
        data(tables=[{**DATA["tables"][0], "records": [["alice@example.com"]]}]),
        data(tables=[{**DATA["tables"][0], "columns": [{"name": "email"}]}]),
        data(tables=[{**DATA["tables"][0], "columns": [{"name": "n", "label": "N"}] * 2, "records": []}]),
        data(tables=[DATA["tables"][0]] * 501),
        [DATA],
        b"{",
        b"\xff\xfe",
        b'{"format": NaN}',
        b'{"format": "a", "format": "b"}',
        b"[" * 100_000,
        b'{"notes": ' + b"[" * 50 + b"]" * 50 + b"}",
        b"1" * 5_000,
    ],
    ids=lambda body: str(body)[:40],
)
def test_data_that_is_not_as_the_schema_says_is_refused(body):
    assert refused(package(body)) is NotTheFormat


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inside: (
            st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(sorted(DATA)), inside, max_size=7)
        ),
        max_leaves=12,
    )
)
def test_whatever_data_comes_it_is_read_or_refused_as_the_schema_says(body):
    """Ours and the published schema do not differ: neither takes what the other does not."""
    try:
        read_portable(package(body), Bounds())
    except NotTheFormat:
        assert not VALID.is_valid(body)
    else:
        assert VALID.is_valid(body)


@given(st.binary(max_size=400))
def test_bytes_that_are_no_package_never_do_more_than_be_refused(raw):
    refused(io.BytesIO(raw))


@given(st.integers(0, 900), st.integers(1, 255))
def test_a_package_with_one_changed_byte_is_refused_or_says_the_same(place, by):
    raw = bytearray(package().getvalue())
    raw[place % len(raw)] ^= by
    try:
        read = read_portable(io.BytesIO(bytes(raw)), Bounds())
    except BadPackage:
        return
    assert read.tables == read_portable(package(), Bounds()).tables


# What is made to harm


def bomb():
    """A thousand times larger than it is."""
    return package(files={"data.json": b"0" * 30_000_000})


def lying(name, size):
    """Its list says another size than the file has."""
    raw = package().getvalue()
    real = len(json.dumps(DATA).encode()).to_bytes(4, "little")
    return io.BytesIO(raw.replace(real, size.to_bytes(4, "little")))


def with_link():
    whole = package()
    with zipfile.ZipFile(whole, "a") as archive:
        info = zipfile.ZipInfo("csv/a/b.csv")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    return whole


def twice(name):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr(name, b"{}")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr(name, b"{}")
    return whole


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (bomb, TooLarge),
        (partial(package, more=[("../../etc/passwd", "x")]), NotAPackage),
        (partial(package, more=[("/etc/passwd", "x")]), NotAPackage),
        (partial(package, more=[("csv/../a.csv", "x")]), NotAPackage),
        (partial(package, more=[("csv/a/b.exe", "x")]), NotAPackage),
        (partial(package, more=[("DATA.JSON", "x")]), NotAPackage),
        (with_link, NotAPackage),
        (partial(twice, "data.json"), NotAPackage),
        (partial(package, more=[("csv/a/b.csv", "x")]), Changed),
        (partial(package, files={"index.html": b"x"}), Changed),
        (partial(package, manifest={"format": "kept-portability/1", "files": []}), Changed),
        (partial(package, manifest=b"{"), NotTheFormat),
        (partial(package, manifest={"format": "kept-portability/1", "files": [1]}), NotTheFormat),
        (partial(package, pack=zipfile.ZIP_LZMA), NotAPackage),
        (partial(package, more=[(f"csv/a/{n}.csv", "") for n in range(1_001)]), TooLarge),
    ],
)  # fmt: skip
def test_what_is_made_to_harm_is_refused_before_it_is_unpacked(make, error):
    assert refused(make()) is error


def test_more_than_we_take_is_refused_by_each_of_its_measures():
    big = data(tables=[{**DATA["tables"][0], "records": [{}] * 30}])
    assert refused(package(big), Bounds(records=29)) is TooLarge
    assert refused(package(big), Bounds(data=100)) is TooLarge
    assert refused(package(big), Bounds(packed=100)) is TooLarge
    assert refused(package(big), Bounds(unpacked=100)) is TooLarge


def test_only_the_key_that_signed_is_believed():
    text = signed_text(b"{}")
    signature = sign(text)
    assert is_signed(text, signature, public_keys())
    assert not is_signed(signed_text(b"{ }"), signature, public_keys())
    assert not is_signed(text, signature, ["", "x", "AAAA", "é"])
    for broken in ("", "é", signature[:-4], "A" * 88):
        assert not is_signed(text, broken, public_keys())


# What is given


def test_the_address_of_another_site_is_taken_and_nothing_else(settings):
    settings.FETCH_ALLOWED = ["localhost:8001"]
    for typed, to in (
        ("other.example", "https://other.example"),
        ("https://OTHER.example/", "https://other.example"),
        ("http://localhost:8001", "http://localhost:8001"),
    ):
        form = Form({"way": "send", "to": typed})
        assert form.is_valid(), form.errors
        assert form.asked() == {"way": "send", "to": to}
    wrong = ["", "http://other.example", "https://other.example/x", "https://a:b@other.example", "ftp://x"]
    wrong += ["https://other.example:8443", "not an address", settings.SITE_URL, "http://localhost:8002"]
    for typed in wrong:
        assert not Form({"way": "send", "to": typed}).is_valid(), typed
    assert Form({"way": "give", "to": "nonsense"}).is_valid()


@pytest.mark.store
def test_a_package_to_take_along_holds_what_she_provided_and_no_secret_and_nobody_elses_words(house):
    told = {"way": "give"}
    opened = actions.open_case(
        "portability", "alice@example.com", asked=told, channel="web", by=PERSON, at=timezone.now()
    )
    assert actions.prove(opened.case, house.code(opened.case), by=PERSON, at=timezone.now())
    house.work()
    actions.approve(house.now(opened.case), by=house.officer, at=timezone.now())
    house.work()
    case = house.now(opened.case)
    assert case.state == Case.State.ANSWERED, house.told(case)
    with zip_of(case.packages.get()) as file:
        files = {name: file.read(name) for name in file.namelist()}
    told = json.loads(files["data.json"])
    assert VALID.is_valid(told), list(VALID.iter_errors(told))
    assert files["schema.json"] == schema_of(PORTABLE)
    assert is_signed(signed_text(files["manifest.json"]), files["manifest.sig"].decode(), public_keys())
    packs = {system.name: pack_of(system) for system in System.objects.all()}
    assert told["tables"]
    for table in told["tables"]:
        rule = packs[table["system"]].tables[table["table"]]
        assert rule.portable, table["table"]
        columns = rule.columns.items()
        hidden = {name for name, column in columns if column.secret or column.third_party or not column.portable}
        assert not hidden & {column["name"] for column in table["columns"]}
        sheet = list(csv.reader(io.StringIO(files[table["file"]].decode())))
        assert sheet[0] == [column["name"] for column in table["columns"]]
        assert len(sheet) - 1 == len(table["records"])
    text = files["data.json"].decode()
    passwords = {row[0] for row in house.ask("billing", "SELECT pass FROM service_hosting")}
    assert passwords
    assert not [one for one in passwords if one in text]
    assert "14 Garden Street" in text
    assert "Prefers calls after" not in text, "a note of the company's about her"
    assert "[not shown" not in text
    assert "What you can take along" in files["index.html"].decode()
    whole = io.BytesIO()
    with zip_of(case.packages.get()) as file:
        whole = io.BytesIO(file.fp.getvalue())
    assert read_portable(whole, Bounds()).records == sum(len(table["records"]) for table in told["tables"]) > 3
