"""DMARC (RFC 9989): the policy's record and the organizational domain by walking up the tree of the DNS."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kept.collection.mail.authentication.resolver import Resolver

MOST_QUERIES = 8


@dataclass(frozen=True)
class Record:
    domain: str
    tags: dict[str, str]

    @property
    def strict_dkim(self) -> bool:
        return self.tags.get("adkim") == "s"

    @property
    def strict_spf(self) -> bool:
        return self.tags.get("aspf") == "s"


def read_record(domain: str, raw: bytes) -> Record | None:
    """A record begins with v=DMARC1; tags that nobody knows are passed over."""
    text = raw.decode("ascii", "replace")
    pairs = [part.partition("=") for part in text.split(";") if part.strip()]
    tags = {name.strip().lower(): value.strip() for name, _, value in pairs}
    if not pairs or pairs[0][0].strip() != "v" or tags.get("v") != "DMARC1":
        return None
    return Record(domain, {name: value.lower() for name, value in tags.items()})


def walk(domain: str, resolver: Resolver) -> list[Record]:
    """The records from the domain upwards, at most eight questions. Raises DnsFailed. RFC 9989, 4.10."""
    labels = domain.lower().rstrip(".").split(".")
    found: list[Record] = []
    for _ in range(MOST_QUERIES):
        here = ".".join(labels)
        record = record_at(here, resolver)
        if record is not None:
            found.append(record)
            if record.tags.get("psd") == "n" or (record.tags.get("psd") == "y" and len(found) > 1):
                break
        if len(labels) <= 1:
            break
        labels = labels[-7:] if len(labels) > MOST_QUERIES else labels[1:]
    return found


def record_at(domain: str, resolver: Resolver) -> Record | None:
    texts = [one for one in resolver.ask(f"_dmarc.{domain}", "TXT") if isinstance(one, bytes)]
    records = [record for text in texts if (record := read_record(domain, text))]
    return records[0] if len(records) == 1 else None  # several: as if there were none


def organizational(domain: str, records: Iterable[Record]) -> str:
    """The domain that the walk's records make responsible for this one."""
    domain, walked = domain.lower().rstrip("."), list(records)
    for record in walked:
        if record.tags.get("psd") == "n":
            return record.domain
        if record.tags.get("psd") == "y" and record.domain != domain:
            labels = domain.split(".")
            return ".".join(labels[-(len(record.domain.split(".")) + 1) :])
    return min((record.domain for record in walked), key=lambda one: one.count("."), default=domain)


def verdict(author: str, dkim: Iterable[str], spf: str, resolver: Resolver) -> str:
    """pass, fail or none. `dkim`: domains whose signature is good; `spf`: the domain that SPF passed, or "".

    Raises DnsFailed.
    """
    records = walk(author, resolver)
    if not records:
        return "none"
    home = organizational(author, records)
    policy = next((one for one in records if one.domain == author), None)
    policy = policy or next((one for one in records if one.domain == home), records[-1])
    signed = any(aligned(author, home, one, policy.strict_dkim, resolver) for one in dkim)
    sent = bool(spf) and aligned(author, home, spf, policy.strict_spf, resolver)
    return "pass" if signed or sent else "fail"


def aligned(author: str, home: str, other: str, strict: bool, resolver: Resolver) -> bool:
    other = other.lower().rstrip(".")
    if strict or other == author:
        return other == author
    return organizational(other, walk(other, resolver)) == home
