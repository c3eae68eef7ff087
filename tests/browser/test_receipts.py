"""A receipt is checked in the browser: nothing is sent, and the browser says what the server says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from harness import Site, serve, violations
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page
from spoiled import kinds_of

MAKE = """
from django.utils import timezone
from kept.security.ledger import sequence_entries
from kept.security.models import Entry
from kept.security.receipts import receipt_for
while sequence_entries():
    pass
print(receipt_for(Entry.objects.order_by("index").first()), end="")
"""

FORK = """
from kept.security.models import Entry, Log, Tile
from kept.security.notes import Head, sign
from kept.security.merkle import leaf_hash
from kept.security.sequencer import keys_of, present_log
from kept.security.signing import signing_key
from kept.security.tree import Edge, store
Entry.objects.filter(index=1).update(commitment=bytes(32))
Tile.objects.all().delete()
edge, origin = Edge(0), keys_of(present_log())[-1].name
store(edge.grow([leaf_hash(bytes(one.commitment)) for one in Entry.objects.exclude(index=None).order_by("index")]))
Log.objects.update(checkpoint=str(sign(Head(origin, edge.size, edge.root()).text, origin, signing_key())))
"""
TITLES = {"true": "The receipt is genuine", "false": "The receipt does not hold", "unknown": "We cannot tell"}


@pytest.fixture(scope="session")
def receipt(site: Site) -> str:
    return site.run(MAKE)


def told(page: Page, text: str, url: str = "") -> str:
    page.goto(f"{url}/ledger/")
    page.get_by_label("Or its text").fill(text)
    page.get_by_role("button", name="Check it").click()
    page.locator("#says").wait_for()
    return shown(page)


def shown(page: Page) -> str:
    return "\n".join(line.strip() for line in page.locator("#result").inner_text().splitlines() if line.strip())


def brought(page: Page, raw: bytes) -> str:
    """What the page says of a file that is chosen; it is not loaded again for the next one."""
    page.evaluate("document.getElementById('result').replaceChildren()")
    file = {"name": "receipt.txt", "mimeType": "text/plain", "buffer": raw}
    page.get_by_label("The file of your receipt").set_input_files(file)
    page.locator("#says").wait_for()
    return shown(page)


class Server:
    """The page without scripts, asked as a browser asks it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.goto("/ledger/")
        self.token = page.locator("input[name=csrfmiddlewaretoken]").get_attribute("value") or ""

    def says(self, raw: bytes) -> str:
        file = {"name": "receipt.txt", "mimeType": "text/plain", "buffer": raw}
        headers = {"Origin": self.page.url.removesuffix("/ledger/"), "Referer": self.page.url}
        form = {"csrfmiddlewaretoken": self.token, "file": file, "receipt": ""}
        answer = self.page.request.post("/ledger/", multipart=form, headers=headers)
        assert answer.ok
        self.page.set_content(answer.text())
        return shown(self.page)


def test_the_browser_says_what_the_server_says_and_sends_nothing(new_page: Callable[..., Page], receipt: str) -> None:
    alone, server = new_page(), Server(new_page(java_script_enabled=False))
    sent: list[str] = []
    alone.goto("/ledger/")
    alone.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    for one in kinds_of(receipt):
        answer = brought(alone, one.raw)
        assert answer.partition("\n")[0] == TITLES[one.verdict], one.name
        assert re.search(one.words, answer), one.name
        if one.raw:  # without scripts, a file with nothing in it is none, and the text beside it counts
            assert answer == server.says(one.raw), one.name
    assert sent
    assert all(re.fullmatch(r"GET .*/ledger/(checkpoint|consistency/\d+/\d+)", one) for one in sent)


def test_what_is_typed_is_checked_as_a_file_is(new_page: Callable[..., Page], receipt: str) -> None:
    alone, asking = new_page(), new_page(java_script_enabled=False)
    for text in (receipt, f"\n{receipt.rstrip()}", receipt.replace("index", "indeks"), "", "nonsense"):
        assert told(alone, text) == told(asking, text)


@pytest.fixture(scope="module")
def both(browser: Browser, site: Site) -> Iterator[tuple[Page, Server]]:
    """The page with scripts, and the server, for many questions."""
    context, other = browser.new_context(base_url=site.url), browser.new_context(
        base_url=site.url, java_script_enabled=False
    )  # fmt: skip
    page = context.new_page()
    page.goto("/ledger/")
    yield page, Server(other.new_page())
    context.close()
    other.close()


@given(st.data())
@how(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_changed_in_a_receipt_browser_and_server_give_one_answer(
    both: tuple[Page, Server], receipt: str, data: st.DataObject
) -> None:
    raw = bytearray(receipt.encode())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(raw)))
        raw[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    page, server = both
    assert brought(page, bytes(raw)) == server.says(bytes(raw))


def test_a_receipt_of_another_past_is_told_in_the_browser_too(new_page: Callable[..., Page]) -> None:
    """Somebody who has the key wrote another past: a browser that holds an earlier receipt sees it."""
    with serve() as site:
        receipt = site.run(MAKE)
        site.run(FORK)
        answers = [told(new_page(java_script_enabled=way), receipt, site.url) for way in (True, False)]
    assert answers[0] == answers[1]
    assert answers[0].startswith("The receipt does not hold")
    assert "our ledger is another one today" in answers[0]


def test_a_file_is_checked_as_soon_as_it_is_chosen(new_page: Callable[..., Page], receipt: str) -> None:
    page = new_page()
    page.goto("/ledger/")
    file = {"name": "receipt.txt", "mimeType": "text/plain", "buffer": receipt.encode()}
    page.get_by_label("The file of your receipt").set_input_files(file)
    page.get_by_text("The receipt is genuine").wait_for()
    for raw in (b"", b"\xff\xfe\x00", b"x" * 70_000):
        page.get_by_label("The file of your receipt").set_input_files(file | {"buffer": raw})
        page.get_by_text("The receipt does not hold").wait_for()


DROP = """
(form, text) => {
  const held = new DataTransfer();
  held.items.add(new File([text], "receipt.txt", {type: "text/plain"}));
  const over = new DragEvent("dragover", {dataTransfer: held, bubbles: true, cancelable: true});
  form.dispatchEvent(over);
  form.dispatchEvent(new DragEvent("drop", {dataTransfer: held, bubbles: true, cancelable: true}));
  return over.defaultPrevented;
}
"""


def test_a_file_that_is_dropped_is_checked_and_not_sent(new_page: Callable[..., Page], receipt: str) -> None:
    page = new_page()
    page.goto("/ledger/")
    page.get_by_text("It is checked in your browser and not sent.").wait_for()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    form = page.locator("form[data-receipt]")
    for text, verdict in ((receipt, "true"), (receipt.replace("index", "indeks"), "false")):
        assert form.evaluate(DROP, text), "the browser may drop it here, and does not open it"
        page.get_by_text(TITLES[verdict]).wait_for()
    assert page.get_by_label("The file of your receipt").evaluate("one => one.files[0].name") == "receipt.txt"
    assert "POST" not in sent


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_page_and_its_answers_can_be_read_by_everybody(
    new_page: Callable[..., Page], receipt: str, look: str
) -> None:
    page = new_page(color_scheme=look, width=320)
    for text in (receipt, "nonsense"):
        told(page, text)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == 320
