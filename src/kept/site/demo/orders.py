"""What a client has ordered, and the service behind it with its own copies of the client's details."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from random import Random

from kept.site.demo import text
from kept.site.demo.people import UNTIL, Person, ip, moment, stamp
from kept.site.demo.write import Tables

# title, type, price in cents
PRODUCTS = (
    ("Web hosting S", "hosting", 4_800),
    ("Web hosting L", "hosting", 14_400),
    ("Domain name", "domain", 1_500),
    ("Control panel licence", "license", 9_900),
    ("Backup by night", "custom", 6_000),
)


def order(
    tables: Tables, who: Person, client_id: int, product: int, since: datetime, rng: Random, host: str = ""
) -> int:
    """An order and the service behind it."""
    title, kind, price = PRODUCTS[product]
    host = host or who.host
    service_id = _service(tables, who, client_id, kind, since, rng, host)
    order_id = tables.add(
        "client_order",
        client_id=client_id,
        product_id=product + 1,
        title=f"{title} {host}" if kind in ("hosting", "domain") else title,
        service_type=kind,
        service_id=service_id,
        period="1Y",
        price_cents=price,
        status="active",
        config=json.dumps({"domain": host, "contact": {"name": who.name, "email": who.email}}),
        activated_at=stamp(since),
        expires_at=stamp(UNTIL + timedelta(days=rng.randrange(10, 360))),
        created_at=stamp(since),
    )
    for status in ("pending_setup", "active"):
        notes = f"Ordered by {who.name} from {who.ip}" if status == "pending_setup" else None
        tables.add("client_order_status", client_order_id=order_id, status=status, notes=notes, created_at=stamp(since))
    tables.add(
        "client_order_meta", client_order_id=order_id, name="ordered_from", value=who.ip, created_at=stamp(since)
    )
    return order_id


def _service(tables: Tables, who: Person, client_id: int, kind: str, since: datetime, rng: Random, host: str) -> int:
    if kind == "hosting":
        return tables.add(
            "service_hosting",
            client_id=client_id,
            server_id=rng.randrange(1, 4),
            domain=host,
            ip=ip(rng),
            username=tables.again(text.user_name(who)),
            **{"pass": f"not-a-real-secret-{rng.getrandbits(40):010x}"},
            created_at=stamp(since),
        )
    if kind == "domain":
        return tables.add(
            "service_domain",
            client_id=client_id,
            domain=host,
            ns1="ns1.hansoken.example",
            ns2="ns2.hansoken.example",
            transfer_code=f"not-a-real-code-{rng.getrandbits(40):010x}",
            contact_email=who.email,
            contact_company=who.company,
            contact_first_name=who.first,
            contact_last_name=who.last,
            contact_address1=who.street,
            contact_city=who.city,
            contact_postcode=who.postcode,
            contact_country=who.country,
            contact_phone_cc=who.phone_cc,
            contact_phone=who.phone,
            details=json.dumps({"registrant": who.name, "status": ["ok"]}),
            registered_at=stamp(since),
            expires_at=stamp(UNTIL + timedelta(days=rng.randrange(10, 360))),
        )
    if kind == "license":
        return tables.add(
            "service_license",
            client_id=client_id,
            license_key=f"HC-{rng.getrandbits(64):016X}",
            ips=json.dumps([who.ip]),
            hosts=json.dumps([host]),
            paths=json.dumps(["/var/www"]),
            pinged_at=stamp(moment(rng, since, UNTIL)),
            created_at=stamp(since),
        )
    return tables.add(
        "service_custom",
        client_id=client_id,
        plugin="backup",
        f1=f"Ask for {who.first} at {who.full_phone}",
        config=json.dumps({"notify": who.email}),
        created_at=stamp(since),
    )
