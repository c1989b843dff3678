"""Where a request comes from, as limits and locks count it."""

from __future__ import annotations

import ipaddress
from typing import Final

from django.http import HttpRequest

IPV6_HOME: Final = 64
"""Bits of an IPv6 address that stand for one place: a household or a server gets a whole /64."""


def place_of(request: HttpRequest) -> str:
    """Return where a request comes from: an IPv4 address, or an IPv6 network of /64. Proxies are seen through."""
    given: str = request.META.get("REMOTE_ADDR", "")
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        return "0.0.0.0"  # noqa: S104  (no address is known: a Unix socket; everybody there is one place)
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network(f"{address}/{IPV6_HOME}", strict=False).network_address)
