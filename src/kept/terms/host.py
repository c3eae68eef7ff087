"""Where a name or an address of a host leads."""

from __future__ import annotations

import ipaddress


def is_here(host: str) -> bool:
    """Whether this is this machine by its loopback name or address: what is said to it leaves for nobody."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
