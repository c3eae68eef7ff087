"""The inbox on the desk: what a person sees of a mail, what they decide, and that their looking is written down."""

from __future__ import annotations

import json
import re

import pytest
from django.utils import timezone
from letters import letter

from kept.cli import main
from kept.collection.mail.actions import take_in
from kept.collection.mail.models import InboundMail
from kept.rights.models import Case
from kept.security.models import Read
from kept.terms import Actor
from kept.work.run import work_off

pytestmark = pytest.mark.usefixtures("demo")

UNCLEAR = """Hello,

please delete my data, and what you have about bob@customers.example.

On Monday Kept wrote:
> <b>old</b>"""


def taken(raw: bytes) -> InboundMail:
    mail = take_in(raw, door="hand", by=Actor.kept(), at=timezone.now()).mail
    work()
    return InboundMail.objects.get(pk=mail.pk)


def work():
    while work_off(timezone.now(), names=["collection.read_mail", "rights.open_case", "rights.link_mail"]):
        continue


def page(client, mail):
    return client.get(f"/desk/inbox/{mail.pk}/").content.decode()


def test_support_reads_the_new_words_first_and_the_look_is_written_down(client, sam):
    mail = taken(letter(UNCLEAR, subject="<script>alert(1)</script>"))
    client.force_login(sam)
    html = page(client, mail)
    page(client, mail)
    assert "<script>alert" not in html
    assert html.index("please delete my data") < html.index("What it repeats") < html.index("&lt;b&gt;old")
    assert "alice@customers.example" in html
    look = Read.objects.get(what="mail")
    assert (look.reader, look.reason) == (sam.pk, "question")


def test_the_list_names_nobody(client, olga):
    taken(letter(UNCLEAR, subject="About Alice Tan"))
    client.force_login(olga)
    html = client.get("/desk/inbox/").content.decode()
    assert "erasure" in html.lower()
    assert "it speaks of somebody else" in html
    assert "customers.example" not in html
    assert "Tan" not in html
    assert not Read.objects.filter(what="mail").exists()


def test_a_person_opens_one_item_dismisses_another_and_adds_a_third(client, sam):
    mail = taken(letter(UNCLEAR))
    client.force_login(sam)
    mine, other = (mail.items.get(person=f"{name}@customers.example") for name in ("alice", "bob"))
    sent = {"do": "open", f"{mine.pk}-wish": "access", f"{mine.pk}-person": "alice@customers.example"}
    assert client.post(f"/desk/inbox/items/{mine.pk}/", sent).status_code == 302
    client.post(f"/desk/inbox/items/{other.pk}/", {"do": "dismiss"})
    work()
    case = Case.objects.get()
    assert (case.right, case.channel, case.state) == ("access", "email", "unproven")
    assert case.received_at == mail.received_at
    assert InboundMail.objects.get().state == "settled"
    assert case.reference in page(client, mail)
    again = client.post(f"/desk/inbox/items/{mine.pk}/", sent, follow=True).content.decode()
    assert "settled it meanwhile" in again
    client.post(f"/desk/inbox/{mail.pk}/add/", {"add-wish": "erasure", "add-person": "carol@customers.example"})
    work()
    assert set(Case.objects.values_list("right", flat=True)) == {"access", "erasure"}


def test_a_wrong_address_is_said_beside_its_field_and_nothing_is_opened(client, sam):
    mail = taken(letter(UNCLEAR))
    item = mail.items.first()
    client.force_login(sam)
    answer = client.post(f"/desk/inbox/items/{item.pk}/", {f"{item.pk}-wish": "access", f"{item.pk}-person": "alice"})
    assert answer.status_code == 422
    assert "Error:" in answer.content.decode()
    assert not Case.objects.exists()


def test_a_mail_without_a_wish_is_settled_by_hand(client, olga):
    mail = taken(letter("What a lovely day."))
    client.force_login(olga)
    assert "No rule found a wish" in page(client, mail)
    client.post(f"/desk/inbox/{mail.pk}/settle/")
    assert InboundMail.objects.get().state == "settled"


@pytest.mark.django_db(transaction=True)
def test_the_command_lists_hashes_verdicts_items_replies_and_attachments(capsys, tmp_path, settings):
    file = tmp_path / "letter.eml"
    raw = letter().replace(b"Content-Type: text/plain", b"X-Kind: text/plain")
    file.write_bytes(raw)
    assert main(["inbox", "take", str(file), "--to", "privacy@hansoken.example"]) == 0
    assert main(["inbox", "take", str(file)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert "taken in" in told[0]
    assert "was taken in before" in told[1]
    work()
    assert main(["inbox", "list", "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert one["sha256"] == told[0].split()[0]
    assert one["mailboxes"] == ["privacy@hansoken.example"]
    assert one["verdicts"] == {"dkim": "none", "spf": "none", "dmarc": "none", "by": "nobody"}
    assert [(item["wish"], item["state"]) for item in one["items"]] == [("access", "opened")]
    assert one["items"][0]["case"] == Case.objects.get().reference
    assert (one["replies"], one["attachments"], one["state"]) == (1, [], "settled")
    assert "alice" not in json.dumps(one)
    assert main(["inbox", "list"]) == 0
    assert re.search(r"access HC-\d{4}-\w{5}; replies: 1", capsys.readouterr().out)
    assert main(["inbox", "take", str(tmp_path / "nothing")]) == 2


def test_the_mails_of_a_request_are_linked_on_its_page(client, olga, aino):
    first = taken(letter())
    case = Case.objects.get()
    Case.objects.filter(pk=case.pk).update(state="review", proven_at=timezone.now())
    answer = taken(letter("Any news?", subject=f"Re: {case.reference}"))
    client.force_login(olga)
    html = client.get(f"/desk/{case.pk}/").content.decode()
    assert f"/desk/inbox/{first.pk}/" in html
    assert f"/desk/inbox/{answer.pk}/" in html
    client.force_login(aino)
    html = client.get(f"/desk/{case.pk}/").content.decode()
    assert "Mails" in html
    assert "/desk/inbox/" not in html
