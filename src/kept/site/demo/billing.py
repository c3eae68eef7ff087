"""The billing system: one client and everything that hangs on them, by number and by copy."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from random import Random

from kept.site.demo import text
from kept.site.demo.orders import PRODUCTS, order
from kept.site.demo.people import UNTIL, Person, ip, moment, stamp
from kept.site.demo.write import Tables

FIRST_CLIENT = 1001

RATES = {"US": "0", "GB": "20", "DE": "19", "FR": "20"}


def company(tables: Tables) -> None:
    """What is there before the first client."""
    for title in ("Private", "Business"):
        tables.add("client_group", title=title)
    for title in ("Hosting", "Names", "Extras"):
        tables.add("product_category", title=title)
    for category, (title, kind, price) in zip((1, 1, 2, 3, 3), PRODUCTS, strict=True):
        tables.add("product", product_category_id=category, title=title, type=kind, price_cents=price, period="1Y")
    for code, rate in (("EUR", 1), ("GBP", 0.86), ("USD", 1.08)):
        tables.add("currency", code=code, rate=rate)
    for country, percent in RATES.items():
        tables.add("tax", country=country, rate=int(percent))
    for number in (1, 2, 3):
        tables.add(
            "service_hosting_server",
            name=f"srv{number}",
            hostname=f"srv{number}.hansoken.example",
            ip=f"192.0.2.{number}",
            username="root",
            password=f"not-a-real-secret-{number}",
        )
    for code, off in (("SPRING", 10), ("FRIENDS", 15)):
        tables.add("promo", code=code, percent=off)
    tables.add(
        "staff",
        email="sam@hansoken.example",
        **{"pass": "$argon2id$demo$sam"},
        name="Sam Sato",
        signature=f"Sam Sato, {text.SELLER}",
        created_at="2012-05-02 09:00:00",
    )
    tables.add("setting", param="company_name", value=text.SELLER)
    tables.start("client", FIRST_CLIENT)


def client(tables: Tables, who: Person, rng: Random, **more: str | int | None) -> int:
    """One client's own row; `more` sets or replaces columns."""
    values: dict[str, str | int | None] = {
        "client_group_id": 2 if who.company else 1,
        "email": who.email,
        "billing_email": who.billing_email,
        "pass": f"$argon2id$demo${rng.getrandbits(128):032x}",
        "type": "company" if who.company else "individual",
        "first_name": who.first,
        "last_name": who.last,
        "birthday": who.born.isoformat(),
        "phone_cc": who.phone_cc,
        "phone": who.phone,
        "company": who.company,
        "company_vat": f"{who.country}000{who.number:06d}" if who.company else None,
        "address_1": who.street,
        "city": who.city,
        "postcode": who.postcode,
        "country": who.country,
        "lang": "en",
        "ip": who.ip,
        "api_token": f"{rng.getrandbits(128):032x}" if rng.random() < 0.1 else None,
        "custom_1": f"Passport SPECIMEN-{who.number:07d}" if rng.random() < 0.1 else None,
        "created_at": stamp(who.joined),
        "updated_at": stamp(moment(rng, who.joined, UNTIL)),
    }
    return tables.add("client", **{**values, **more})


def invoice(
    tables: Tables,
    who: Person,
    client_id: int,
    issued: datetime,
    lines: list[tuple[str, int]],
    rng: Random,
    *,
    paid: bool = True,
    payer: tuple[str, str] | None = None,
) -> int:
    """One invoice with its lines and payment. The buyer is `who` as they were on that day; the payer may be another."""
    total = sum(price for _, price in lines)
    number = tables.count("invoice") + 1
    settled = issued + timedelta(days=rng.randrange(1, 20), minutes=rng.randrange(600))
    invoice_id = tables.add(
        "invoice",
        client_id=client_id,
        nr=f"HC{issued.year}-{number:07d}",
        hash=f"{rng.getrandbits(160):040x}",
        total_cents=total,
        status="paid" if paid else "unpaid",
        seller_company=text.SELLER,
        seller_address=text.SELLER_ADDRESS,
        buyer_first_name=who.first,
        buyer_last_name=who.last,
        buyer_company=who.company,
        buyer_company_vat=f"{who.country}000{who.number:06d}" if who.company else None,
        buyer_address=who.street,
        buyer_city=who.city,
        buyer_postcode=who.postcode,
        buyer_country=who.country,
        buyer_phone=f"+{who.phone_cc} {who.phone}",
        buyer_email=who.email,
        taxrate=RATES[who.country],
        issued_at=stamp(issued),
        due_at=stamp(issued + timedelta(days=14)),
        paid_at=stamp(settled) if paid else None,
    )
    for title, price in lines:
        tables.add("invoice_item", invoice_id=invoice_id, title=title, price_cents=price, created_at=stamp(issued))
    if paid:
        name, email = payer or (who.name, who.email)
        notice = {
            "event": "paid",
            "payer": {"name": name, "email": email},
            "card": {"last4": f"{rng.randrange(10_000):04d}"},
        }
        tables.add(
            "payment",
            invoice_id=invoice_id,
            gateway="card",
            txn_id=f"tx_{rng.getrandbits(96):024x}",
            amount_cents=total,
            currency="EUR",
            status="complete",
            ip=who.ip,
            ipn=json.dumps(notice, ensure_ascii=False),
            created_at=stamp(settled),
        )
    return invoice_id


def mailed(tables: Tables, who: Person, client_id: int, subject: str, body: str, when: datetime) -> None:
    html, plain_text = text.mail(subject, who, body)
    tables.add(
        "activity_client_email",
        client_id=client_id,
        sender=text.BILLING,
        recipients=json.dumps([who.billing_email or who.email]),
        subject=subject,
        content_html=html,
        content_text=plain_text,
        created_at=stamp(when),
    )


def signed_in(tables: Tables, client_id: int, address: str, when: datetime) -> None:
    tables.add("activity_client_history", client_id=client_id, ip=address, created_at=stamp(when))


def logged(tables: Tables, client_id: int, message: str, address: str, when: datetime) -> None:
    tables.add("activity_system", priority=6, client_id=client_id, message=message, ip=address, created_at=stamp(when))


def customer(tables: Tables, who: Person, rng: Random) -> None:
    """Everything an ordinary customer leaves behind: some 70 rows."""
    client_id = client(tables, who, rng)
    products = sorted(rng.sample(range(len(PRODUCTS)), rng.choice((1, 1, 2, 2, 3))))
    for product in products:
        order_id = order(tables, who, client_id, product, who.joined, rng)
        if rng.random() < 0.2:
            tables.add(
                "promo_redemption",
                promo_id=rng.randrange(1, 3),
                client_id=client_id,
                client_order_id=order_id,
                created_at=stamp(who.joined),
            )
    lines = [(PRODUCTS[product][0], PRODUCTS[product][2]) for product in products]
    due = who.joined
    while due < UNTIL:
        invoice(tables, who, client_id, due, lines, rng, paid=due < UNTIL - timedelta(days=20))
        mailed(tables, who, client_id, "Your invoice", f"Your invoice goes to {who.street}, {who.city}.", due)
        due += timedelta(days=365)
    for _ in range(rng.randrange(3, 14)):
        signed_in(tables, client_id, who.ip if rng.random() < 0.7 else ip(rng), moment(rng, who.joined, UNTIL))
    for _ in range(rng.randrange(1, 4)):
        logged(tables, client_id, f'Client "{who.name}" changed their details', who.ip, moment(rng, who.joined, UNTIL))
    _now_and_then(tables, who, client_id, rng)


def _now_and_then(tables: Tables, who: Person, client_id: int, rng: Random) -> None:
    """What only some customers have."""
    if rng.random() < 0.3:
        tables.add(
            "client_password_reset",
            client_id=client_id,
            hash=f"{rng.getrandbits(160):040x}",
            ip=who.ip,
            created_at=stamp(moment(rng, who.joined, UNTIL)),
        )
    if rng.random() < 0.25:
        tables.add(
            "client_balance",
            client_id=client_id,
            type="gift",
            amount_cents=500,
            description=f"Welcome present for {who.first}",
            created_at=stamp(who.joined),
        )
    if rng.random() < 0.25:
        tables.add(
            "subscription",
            client_id=client_id,
            sid=f"sub_{rng.getrandbits(64):016x}",
            period="1Y",
            amount_cents=4_800,
            status="active",
            created_at=stamp(who.joined),
        )
    if rng.random() < 0.05:
        session(tables, who, client_id, rng)
    if rng.random() < 0.05:
        queued(tables, who, client_id, "Your invoice is due soon")


def session(tables: Tables, who: Person, client_id: int, rng: Random) -> None:
    """A sign-in that is still open: the details once more, in a form only the product reads."""
    content = f'client|a:2:{{s:2:"id";i:{client_id};s:5:"email";s:{len(who.email)}:"{who.email}";}}'
    tables.add(
        "session",
        id=f"{rng.getrandbits(128):032x}",
        client_id=client_id,
        ip=who.ip,
        user_agent=text.agent(rng),
        content=content.encode(),
        created_at=stamp(UNTIL - timedelta(minutes=rng.randrange(1, 1_400))),
    )


def queued(tables: Tables, who: Person, client_id: int, subject: str) -> None:
    """A mail that waits to be sent."""
    tables.add(
        "email_queue",
        client_id=client_id,
        recipient=who.billing_email or who.email,
        to_name=who.name,
        subject=subject,
        content=text.mail(subject, who, "You find it in your client area.")[1],
        status="unsent",
        created_at=stamp(UNTIL - timedelta(hours=1)),
    )
