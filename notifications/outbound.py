"""Where a request of our own may go: addresses of the public internet, and the networks that OUTBOUND_ALLOW names."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from notifications.channels.base import PermanentFailure, TemporaryFailure
from web.errors import BadInput

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

TRANSLATED: Final = (
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),
    (ipaddress.IPv6Network("::/96"), 0),
    (ipaddress.IPv6Network("2002::/16"), 80),
)
"""Networks whose addresses stand for an IPv4 address (RFC 6052, 4291 and 3056), and how many bits come after it: a
gateway on the way leads there."""
NEVER: Final = (
    ipaddress.ip_network("192.0.0.0/24"),
    ipaddress.ip_network("168.63.129.16/32"),
    ipaddress.ip_network("fec0::/10"),
    ipaddress.ip_network("64:ff9b:1::/48"),
)
"""Assigned to no host of the internet (RFC 6890, 3879, 8215), or, by its look a public one, a service of Azure's to its
machines alone; clouds have services of their own there."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A URL taken apart, with the one address that was checked: it is the one that is connected to."""

    scheme: str
    host: str
    port: int
    path: str
    address: IPAddress

    @property
    def host_header(self) -> str:
        """Return what `Host` says: the name as given, with the port where it is not the usual one."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"http": 80, "https": 443}[self.scheme]
        return name if self.port == usual else f"{name}:{self.port}"

    @property
    def url(self) -> str:
        """Return the URL with the address in place of the name."""
        literal = f"[{self.address}]" if self.address.version == 6 else str(self.address)
        return f"{self.scheme}://{literal}:{self.port}{self.path}"


def typed_url(text: str, *, wrong: str) -> str:
    """Return the URL that somebody typed as an address; whether it may be reached is decided at each send.

    Raises `BadInput` with the sentence `wrong` for what is no whole http or https URL, or names a user or a place
    within a page.
    """
    url = text.strip()
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        fine = fine and not parts.username and not parts.fragment
    except ValueError:
        fine = False
    if not fine:
        raise BadInput(wrong, errors={"address": wrong})
    return url


def host_of(url: str) -> str:
    """Return the name of the server in a URL, "" where there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def resolve(url: str) -> Target:
    """Return where `url` leads. Every address of the name has to be allowed; the first is used.

    Looking the name up once and connecting to that very address leaves no room for a name that answers differently
    the second time (DNS rebinding). Raises `PermanentFailure` (address) for what may not be reached,
    `TemporaryFailure` when the name can't be looked up now.
    """
    try:
        parts = urlsplit(url)
        given = parts.port
    except ValueError:
        parts, given = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise PermanentFailure("The address is no http or https URL.", scope="address", code="bad_url")
    port = given or {"http": 80, "https": 443}[parts.scheme]
    addresses = addresses_of(parts.hostname, port)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(scheme=parts.scheme, host=parts.hostname, port=port, path=path, address=addresses[0])


def addresses_of(host: str, port: int) -> list[IPAddress]:
    """Return the addresses of a host, each of which may be reached; a literal address is its own.

    Raises `PermanentFailure` (address) for a host of which one may not be, `TemporaryFailure` when it can't be looked
    up now.
    """
    addresses = _addresses(host, port)
    if not all(is_allowed(address) for address in addresses):
        raise PermanentFailure(
            f"{host} is inside a private network that OUTBOUND_ALLOW does not name.",
            scope="address",
            code="private_address",
        )
    return addresses


def is_allowed(address: IPAddress) -> bool:
    """Tell whether anything that goes out by itself may reach this address."""
    plain = _plain(address)
    if any(plain.version == network.version and plain in network for network in settings.OUTBOUND_ALLOW):
        return True
    never = any(plain.version == network.version and plain in network for network in NEVER)
    return plain.is_global and not plain.is_multicast and not never


def _plain(address: IPAddress) -> IPAddress:
    """Return the IPv4 address that an IPv6 one stands for, else the address itself."""
    if address.version == 4:
        return address
    for network, after in TRANSLATED:
        if address in network:
            return ipaddress.IPv4Address(int(address) >> after & 0xFFFFFFFF)
    return address.ipv4_mapped or address


def _addresses(host: str, port: int) -> list[IPAddress]:
    with suppress(ValueError):
        return [ipaddress.ip_address(host.partition("%")[0])]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise TemporaryFailure(f"{host} can't be looked up.", code="no_name") from error
    return [ipaddress.ip_address(str(item[4][0]).partition("%")[0]) for item in found]
