"""A hosting company's source database in PostgreSQL, to measure rights requests against.

  python -m benchmarks.source --dsn "host=127.0.0.1 port=5432 user=postgres" --db hosting_src

Eight tables, some 38 rows for each customer: 3.8 million rows and 0.6 GB of text for the usual 100,000. The same seed
and size give the same rows. Customer number k has the address person<k>@example.com. The database is made anew.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import psycopg
from psycopg import sql

CUSTOMERS = 100_000
SEED = 20261122
AT_ONCE = 1_000  # customers between two writes

SCHEMA = Path(__file__).with_name("source.sql")
TABLES = ("customers", "addresses", "services", "domains", "invoices", "tickets", "ticket_replies", "login_log")

GIVEN = (
    "Aiko",
    "Ben",
    "Cora",
    "Dirk",
    "Elsa",
    "Farid",
    "Greta",
    "Hiro",
    "Inga",
    "Joel",
    "Kirsi",
    "Liam",
    "Mona",
    "Nico",
)
FAMILY = (
    "Aalto",
    "Bauer",
    "Conti",
    "Duval",
    "Eriksen",
    "Fujita",
    "Greco",
    "Hansen",
    "Ikeda",
    "Jansen",
    "Kovac",
    "Lopez",
)
TOPICS = (
    "the site answers slowly since the last update",
    "a mail to our office came back",
    "please move the domain to us",
    "the certificate is shown as not valid",
    "last night's backup did not finish",
    "the panel signs me out again and again",
    "the disk is nearly full although we deleted a lot",
    "a visitor sees an old version of the shop",
    "the invoice carries our old address",
    "the job at midnight ran twice",
    "we need one more mailbox for a colleague",
)
BROWSERS = (
    "Firefox/{0}.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101",
    "Chrome/{0}.0.0.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36",
)
FROM, DAYS = datetime(2019, 1, 1), 2_500  # noqa: DTZ001 - the columns have no zone

Value = str | int | bool | date | None
Rows = dict[str, list[tuple[Value, ...]]]


class Customers:
    """Numbered rows of one customer after another, in the columns' order."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.last = dict.fromkeys(TABLES, 0)
        self.rows: Rows = {table: [] for table in TABLES}

    def add(self, table: str, *values: Value) -> int:
        self.last[table] += 1
        self.rows[table].append((self.last[table], *values))
        return self.last[table]

    def taken(self) -> Rows:
        """The rows so far; the next ones start afresh."""
        rows, self.rows = self.rows, {table: [] for table in TABLES}
        return rows

    def customer(self, number: int) -> None:
        rng = self.rng
        name = f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}"
        email = f"person{number}@example.com"
        born = date(1935, 1, 1) + timedelta(days=rng.randrange(26_000))
        customer = self.add(
            "customers",
            email,
            name,
            f"{rng.choice(FAMILY)} & Co {number % 1_009}",
            self.phone(number),
            born,
            f"ID{rng.randrange(10**9):09d}",
            f"TAX{rng.randrange(10**9):09d}",
            f"argon2${rng.getrandbits(160):040x}",
            "active",
            rng.random() < 0.4,
            self.moment(),
        )
        for _ in range(2 if rng.random() < 0.3 else 1):
            self.add(
                "addresses",
                customer,
                "postal",
                self.street(),
                f"{rng.choice(FAMILY)}stad",
                f"{rng.randrange(10_000, 100_000)}",
                "DE",
            )
        for _ in range(rng.randint(1, 3)):
            host = f"s{self.last['services'] + 1}.example.net"
            self.add(
                "services",
                customer,
                rng.choice(("web", "vps", "dedicated", "ssl")),
                host,
                self.ip(),
                "reseller",
                self.moment(),
            )
        for _ in range(rng.randint(0, 2)):
            domain = f"site{self.last['domains'] + 1}-{number}.example"
            self.add("domains", customer, domain, name, email, self.phone(number), date(2027, rng.randint(1, 12), 1))
        for _ in range(rng.randint(3, 7)):
            invoice = f"R{self.last['invoices'] + 1:09d}"
            price, card = rng.randrange(500, 90_000), f"{rng.randrange(10_000):04d}"
            self.add("invoices", customer, invoice, name, self.street(), price, "EUR", card, self.moment())
        for _ in range(rng.randint(1, 3)):
            ticket = self.add("tickets", customer, rng.choice(TOPICS)[:60], self.words(4), self.moment(), "closed")
            for _ in range(rng.randint(2, 4)):
                self.add("ticket_replies", ticket, email, self.ip(), self.words(6), self.moment())
        for _ in range(rng.randint(15, 25)):
            browser = rng.choice(BROWSERS).format(rng.randrange(90, 140))
            self.add("login_log", customer, self.moment(), self.ip(), browser, True)

    def words(self, sentences: int) -> str:
        return ". ".join(self.rng.choices(TOPICS, k=sentences))

    def street(self) -> str:
        return f"{self.rng.choice(FAMILY)} Street {self.rng.randrange(1, 300)}"

    def phone(self, number: int) -> str:
        """Berlin numbers of a range that is given to nobody, each customer's own."""
        return f"+493023125{number:06d}"

    def ip(self) -> str:
        return f"10.{self.rng.randrange(256)}.{self.rng.randrange(256)}.{self.rng.randrange(1, 255)}"

    def moment(self) -> datetime:
        return FROM + timedelta(seconds=self.rng.randrange(DAYS * 86_400))


def parts(customers: int, seed: int) -> Iterator[Rows]:
    """All rows, a thousand customers at a time: parents stand before what points at them."""
    making = Customers(seed)
    for number in range(1, customers + 1):
        making.customer(number)
        if number % AT_ONCE == 0:
            yield making.taken()
    yield making.taken()


def build(dsn: str, database: str, customers: int, seed: int) -> dict[str, int]:
    """Make the database anew and fill it. Rows per table."""
    name = sql.Identifier(database)
    with psycopg.connect(dsn, dbname="postgres", autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))
    counts = dict.fromkeys(TABLES, 0)
    with psycopg.connect(dsn, dbname=database) as connection:
        tables, _, indexes = SCHEMA.read_bytes().partition(b"-- indexes --")
        connection.execute(tables)
        for rows in parts(customers, seed):
            for table, lines in rows.items():
                with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN".encode()) as copy:
                    for line in lines:
                        copy.write_row(line)
                counts[table] += len(lines)
        connection.execute(indexes)
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
    return counts


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.source", description="Make a source database to measure against."
    )
    parser.add_argument("--dsn", required=True, help="how to reach the server, without dbname")
    parser.add_argument(
        "--db", default="hosting_src", help="the database to make; an existing one of that name is dropped"
    )
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args(arguments)
    if given.customers < 1:
        parser.error("--customers must be 1 or more")
    if given.db in ("postgres", "template0", "template1"):
        parser.error(f"--db {given.db} belongs to the server")
    started = time.monotonic()
    try:
        counts = build(given.dsn, given.db, given.customers, given.seed)
    except psycopg.OperationalError as problem:
        print(f"The server did not do it: {str(problem).strip().splitlines()[0]}", file=sys.stderr)
        return 1
    for table, rows in counts.items():
        print(f"{table}\t{rows}")
    print(f"total\t{sum(counts.values())}\nseconds\t{time.monotonic() - started:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
