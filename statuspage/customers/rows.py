"""What a line of a file says, checked field by field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from statuspage.customers.columns import LIST_SEPARATOR
from statuspage.rules.languages import LANGUAGES

LONGEST: Final = {"customer": 40, "name": 200, "email": 254, "asset": 253, "server": 100}
YES: Final = frozenset({"yes", "true", "1", "y"})
NO: Final = frozenset({"no", "false", "0", "n"})
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_SCHEME: Final = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)


class UnfitRow(Exception):
    """The line can't be used; the message names the column."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a page has that lines may name: servers by name, components by name or id (None: several have that name)."""

    servers: Mapping[str, int]
    components: Mapping[str, str | None]


@dataclass(frozen=True, kw_only=True)
class CustomerRow:
    """A customer, and maybe one asset: `kind` "" for none. `notify` None: the line does not say."""

    number: str
    name: str
    email: str
    language: str
    notify: bool | None
    kind: str
    asset: str
    server: int | None
    components: list[str]


@dataclass(frozen=True, kw_only=True)
class ServerRow:
    """A server and the ids of its components."""

    name: str
    components: list[str]


def customer_row(fields: Mapping[str, str], known: Known) -> CustomerRow:
    """Return what a line of a customers' file says. Raises `UnfitRow`."""
    _check_text(fields)
    number = fields["customer"]
    if not number:
        raise UnfitRow("customer: the number is missing.")
    kind = fields.get("kind", "").lower()
    return CustomerRow(
        number=number,
        name=fields.get("name", ""),
        email=_email(fields.get("email", "")),
        language=_language(fields.get("language", "")),
        notify=_notify(fields.get("notify", "")),
        kind=kind,
        asset=_asset(kind, fields),
        server=_server(fields.get("server", ""), known),
        components=_components(fields.get("components", ""), known),
    )


def server_row(fields: Mapping[str, str], known: Known) -> ServerRow:
    """Return what a line of a servers' file says. Raises `UnfitRow`."""
    _check_text(fields)
    if not fields["server"]:
        raise UnfitRow("server: the name is missing.")
    return ServerRow(name=fields["server"], components=_components(fields.get("components", ""), known))


def domain_name(text: str) -> str:
    """Return a domain as it is kept: lower case, ASCII (IDNA), without scheme, path or last dot; "" for none.

    Used for what files say and for what customers type, so that both mean the same.
    """
    host = _SCHEME.sub("", text.strip()).partition("/")[0].partition(":")[0].rstrip(".").lower()
    try:
        ascii_host = host.encode("idna").decode()
    except UnicodeError:
        return ""
    labels = ascii_host.split(".")
    fits = len(labels) > 1 and len(ascii_host) <= LONGEST["asset"] and all(_LABEL.fullmatch(each) for each in labels)
    return ascii_host if fits else ""


def _check_text(fields: Mapping[str, str]) -> None:
    for name, text in fields.items():
        if len(text) > LONGEST.get(name, 1000):
            raise UnfitRow(f"{name}: longer than {LONGEST.get(name, 1000)} characters.")
        if not text.isprintable():
            raise UnfitRow(f"{name}: holds a line break or a control character.")


def _email(text: str) -> str:
    if text:
        try:
            validate_email(text)
        except ValidationError:
            raise UnfitRow(f"email: “{text[:60]}” is no e-mail address.") from None
    return text


def _language(text: str) -> str:
    code = text.lower()
    if code and code not in LANGUAGES:
        raise UnfitRow(f"language: “{text[:20]}” is none of {', '.join(LANGUAGES)}.")
    return code


def _notify(text: str) -> bool | None:
    word = text.casefold()
    if word and word not in YES | NO:
        raise UnfitRow(f"notify: “{text[:20]}” is neither yes nor no.")
    return None if not word else word in YES


def _asset(kind: str, fields: Mapping[str, str]) -> str:
    name = fields.get("asset", "")
    if kind not in ("", "domain", "account"):
        raise UnfitRow(f"kind: “{kind[:20]}” is neither domain nor account.")
    if bool(kind) != bool(name):
        raise UnfitRow("kind and asset: give both, or neither.")
    if not kind and (fields.get("server") or fields.get("components")):
        raise UnfitRow("server and components say where an asset lives: give kind and asset too.")
    if kind == "domain":
        domain = domain_name(name)
        if not domain:
            raise UnfitRow(f"asset: “{name[:60]}” is no domain.")
        return domain
    return name


def _server(name: str, known: Known) -> int | None:
    if not name:
        return None
    if name not in known.servers:
        raise UnfitRow(f"server: there is no “{name[:60]}”. Import servers first.")
    return known.servers[name]


def _components(text: str, known: Known) -> list[str]:
    found = []
    for name in (part.strip() for part in text.split(LIST_SEPARATOR)):
        if not name:
            continue
        if name not in known.components:
            raise UnfitRow(f"components: there is no “{name[:60]}” on this page.")
        component = known.components[name]
        if component is None:
            raise UnfitRow(f"components: several are called “{name[:60]}”. Write the id of the one you mean.")
        found.append(component)
    return sorted(set(found))
