"""An entry of the agent directory (3.05.1), checked."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kept.rights.drp.errors import BadAgent
from kept.rights.drp.messages import verify_key

AGENT_ID = re.compile("[A-Za-z0-9_.-]{1,80}")  # the directory's own have capitals and underscores
TEXTS: Mapping[str, int] = {  # of an entry, beside id and key: the most letters
    "name": 120, "web_url": 300, "identity_assurance_url": 300, "technical_contact": 254, "business_contact": 254,
}  # fmt: skip


def entry_of(entry: Mapping[str, object]) -> dict[str, str]:
    """An entry of the directory, checked. Members that are not known are left out. Raises BadAgent."""
    given = {name: entry.get(name) or "" for name in ("id", "verify_key", *TEXTS)}
    for name, value in given.items():
        if not isinstance(value, str) or not value.isprintable() or len(value) > TEXTS.get(name, 80):
            raise BadAgent(f"{name} is one line of at most {TEXTS.get(name, 80)} letters.")
    texts = {name: str(value).strip() for name, value in given.items()}
    if not AGENT_ID.fullmatch(texts["id"]):
        raise BadAgent("id has letters, digits and _ only, such as PRIVACY_HELPER.")
    if not texts["name"]:
        raise BadAgent("name is missing: people have to know who asks for them.")
    for name in ("web_url", "identity_assurance_url"):
        if texts[name] and not texts[name].startswith("https://"):
            raise BadAgent(f"{name} begins with https://.")
    verify_key(texts["verify_key"])
    return {"agent_id": texts.pop("id"), **texts}
