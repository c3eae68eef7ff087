"""A pack as it fits one live database: tables made only at need, and columns the product makes from its own forms."""

from __future__ import annotations

from dataclasses import replace

from kept.engine.catalogue import Catalogue
from kept.engine.pack import ColumnRule, Pack, TableRule


def fitted(pack: Pack, catalogue: Catalogue) -> Pack:
    """The pack without its optional tables that are not there, and with a rule for every column under `rest`."""
    absent = {name for name, rule in pack.tables.items() if rule.optional and name not in catalogue.tables}
    if not absent and not any(rule.rest for rule in pack.tables.values()):
        return pack
    tables = {name: _fitted(rule, catalogue, absent) for name, rule in pack.tables.items() if name not in absent}
    return replace(pack, tables=tables)


def _fitted(rule: TableRule, catalogue: Catalogue, absent: set[str]) -> TableRule:
    links = tuple(link for link in rule.links if not (link.to and link.to[0] in absent))
    columns = dict(rule.columns)
    live = catalogue.tables.get(rule.name)
    if rule.rest and live:
        columns |= {name: ColumnRule(name, rule.rest) for name in live.columns if name not in columns}
    return replace(rule, links=links, columns=columns)
