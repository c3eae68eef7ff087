"""FOSSBilling on a real MariaDB: neither too much is erased, as by its own button, nor too little."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from packs_at_work import Maria


@pytest.fixture
def fossbilling(mariadb_url: str) -> Iterator[Maria]:
    billing = Maria("fossbilling", mariadb_url)
    for number, first, address in ((5, "Alice", "alice@example.com"), (6, "Bob", "bob@example.com")):
        billing.plant(
            "client",
            id=number,
            first_name=first,
            email=address,
            billing_email="accounts@tally.example",
            custom_3="Passport SPECIMEN-1",
            **{"pass": "x"},
        )
    yield billing
    billing.close()


@pytest.mark.mariadb
def test_fossbilling_keeps_the_invoice_the_law_wants_and_erases_the_older_one(fossbilling):
    for number, year in ((1, 2015), (2, 2020)):
        fossbilling.plant(
            "invoice",
            id=number,
            client_id=5,
            hash=f"h{number}",
            buyer_first_name="Alice",
            buyer_address="14 Garden Street",
            buyer_phone="030 23125-101",
            created_at=f"{year}-06-01 10:00:00",
        )
        fossbilling.plant(
            "transaction",
            id=number,
            invoice_id=number,
            txn_id=f"tx{number}",
            ip="192.0.2.5",
            ipn='{"payer": "Alice"}',
            created_at=f"{year}-06-02 10:00:00",
        )
    fossbilling.plant("invoice", id=3, client_id=6, hash="h3", buyer_first_name="Bob", created_at="2015-06-01 10:00:00")
    fossbilling.erase("alice@example.com")
    old, kept, bobs = fossbilling.all(
        "SELECT buyer_first_name, buyer_address, buyer_phone, hash FROM invoice ORDER BY id"
    )
    assert old[:3] == (None, None, None)
    assert kept[:3] == ("Alice", "14 Garden Street", None)
    assert kept[3] != "h2", "the public link is no part of what must be kept"
    assert bobs == ("Bob", None, None, "h3")
    assert fossbilling.all("SELECT txn_id, ip, ipn FROM `transaction` ORDER BY id") == [
        (None, None, None), ("tx2", None, '{"payer": "Alice"}'),
    ]  # fmt: skip


@pytest.mark.mariadb
def test_fossbilling_an_accountants_address_leads_to_nobody(fossbilling):
    assert fossbilling.held("accounts@tally.example") == []
    assert {row.values.get("id") for row in fossbilling.held("alice@example.com") if row.rule.name == "client"} == {5}
    fossbilling.erase("alice@example.com")
    hers, bobs = fossbilling.all("SELECT email, first_name, billing_email, custom_3, pass FROM client ORDER BY id")
    assert hers == (None,) * 5
    assert bobs == ("bob@example.com", "Bob", "accounts@tally.example", "Passport SPECIMEN-1", "x")


@pytest.mark.mariadb
def test_fossbilling_a_guests_own_words_go_and_staffs_stay(fossbilling):
    fossbilling.plant(
        "support_ticket",
        id=1,
        author_email="guest@example.net",
        author_name="Gil Guest",
        subject="Price?",
        access_hash="secret",
    )
    fossbilling.plant(
        "support_ticket_message", id=1, support_ticket_id=1, content="I am Gil, guest@example.net", ip="192.0.2.9"
    )
    answer = "Dear guest@example.net, it is 48 EUR."
    fossbilling.plant("support_ticket_message", id=2, support_ticket_id=1, admin_id=1, content=answer, ip="192.0.2.250")
    fossbilling.plant(
        "support_ticket_message_history", support_ticket_message_id=1, content="I am Gil, and my number is secret"
    )
    fossbilling.plant("email_queue", recipient="Guest@Example.NET", content="Your answer", sender="x", subject="y")
    fossbilling.plant("email_queue", recipient="bob@example.com", content="Bob's", sender="x", subject="y")
    fossbilling.erase("guest@example.net")
    assert fossbilling.all("SELECT author_email, author_name, subject, access_hash FROM support_ticket") == [
        (None,) * 4
    ]
    own, staffs = fossbilling.all("SELECT content, ip FROM support_ticket_message ORDER BY id")
    assert own == (None, None)
    assert "guest@example.net" not in staffs[0]
    assert staffs[0].endswith("it is 48 EUR.")
    assert staffs[1] == "192.0.2.250"
    assert fossbilling.all("SELECT content FROM support_ticket_message_history") == [(None,)]
    assert fossbilling.all("SELECT content FROM email_queue") == [("Bob's",)]
