"""The report of an erasure never says more than is true."""

import json
import zipfile
from datetime import UTC, datetime

from kept.engine.package import About
from kept.engine.packs import parse
from kept.engine.report import Outcome, write_report
from kept.engine.subject import Change, Residue

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
PACK = parse(
    """\
format = 1
name = "shop"
title = "Shop"
[table.orders]
title = "Orders"
category = "billing"
purpose = "To keep the books."
source = "You."
period = "Ten years."
law = { name = "Tax law", keep = "10 years", from = "ordered_on" }
links = [{ column = "email", is = "email" }]
[table.orders.columns]
id = "key"
email = "law"
ordered_on = "keep"
""",
    "shop.toml",
)


def told(folder, *changes, **more):
    outcome = Outcome("shop", "Shop", PACK, changes, Residue((), looked_at=3), AT)
    file = write_report(folder, "case", About("Shop Ltd", "privacy@example.net", AT), [outcome], **more)
    with zipfile.ZipFile(file.path) as archive:
        return json.loads(archive.read("report.json")), archive.read("index.html").decode()


def test_rows_that_a_law_keeps_are_told_although_the_second_look_saw_nothing_in_them(tmp_path):
    facts, page = told(tmp_path, Change("orders", rows=1, deleted=0, kept=2))
    assert facts["systems"][0]["verified"].endswith("nothing left of you but what the law keeps, listed below.")
    assert [line["count"] for line in facts["systems"][0]["kept"]] == [2]
    assert "but what the law keeps, listed below" in page


def test_where_nothing_is_kept_nothing_is_said_to_be(tmp_path):
    facts, _ = told(tmp_path, Change("orders", rows=1, deleted=0, kept=0))
    assert facts["systems"][0]["verified"].endswith("found nothing left of you.")
    assert facts["systems"][0]["kept"] == []


def test_a_report_without_a_store_behind_it_speaks_of_no_fingerprint(tmp_path):
    from kept.cli.engine import NOTHING_ELSE

    facts, page = told(tmp_path, suppressed=NOTHING_ELSE)
    assert facts["stays"] == NOTHING_ELSE
    assert "fingerprint" not in page
