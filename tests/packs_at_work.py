"""What the packs' tests share: a person to ask for, and a product's tables on a real MariaDB."""

from __future__ import annotations

from datetime import date

import pymysql
from sqlalchemy.engine import make_url
from test_packs_shipped import load_into, own_schema

from kept.connectors.sql.connector import SqlConnector
from kept.engine import packs
from kept.engine.identifiers import normal
from kept.engine.resolve import resolve_whole
from kept.engine.subject import HeldRow, Subject

ON = date(2026, 11, 22)


def asking(address: str) -> Subject:
    return Subject("case", frozenset({normal("email", address)}))


def widened(connectors: list[SqlConnector], address: str) -> Subject:
    answer = resolve_whole(connectors, asking(address))
    assert answer.conflict is None
    return answer.subject


def erased(connector: SqlConnector, subject: Subject) -> None:
    connector.erase(connector.plan(ON), [subject])


class Maria:
    """A product's tables on a real MariaDB: plant rows, erase by the pack, look with plain statements."""

    def __init__(self, product: str, url: str) -> None:
        load_into(url, own_schema(product))
        place = make_url(url)
        self.connection = pymysql.connect(
            host=place.host,
            port=place.port or 0,
            user=place.username,
            password=place.password or "",
            database=place.database,
            autocommit=True,
            init_command="SET sql_mode = ''",  # columns that are not given take the neutral value of their type
        )
        self.connector = SqlConnector(product, url, packs.load(product))

    def plant(self, table: str, **values: object) -> None:
        names, marks = ", ".join(f"`{name}`" for name in values), ", ".join(["%s"] * len(values))
        with self.connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO `{table}` ({names}) VALUES ({marks})", list(values.values()))

    def all(self, statement: str) -> list[tuple[object, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def erase(self, address: str) -> None:
        erased(self.connector, widened([self.connector], address))

    def held(self, address: str) -> list[HeldRow]:
        return list(self.connector.rows([widened([self.connector], address)]))

    def close(self) -> None:
        self.connector.close()
        self.connection.close()
