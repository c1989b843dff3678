"""Which columns a file may have, what each means, and which kind of file its head says it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from statuspage.models import CustomerImport
from web.formulas import unguarded

Kind = CustomerImport.Kind
LIST_SEPARATOR: Final = "|"
"""Between components in one field: their names hold commas more often than bars."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column by its name in the file's first line, what stands in it, and an example."""

    name: str
    means: str
    example: str
    required: bool = False


CUSTOMER_COLUMNS: Final = (
    Column(name="customer", means="Customer number, up to 40 characters.", example="K-10042", required=True),
    Column(name="name", means="Who it is; one line of a customer is enough.", example="Nordic Bakery AB"),
    Column(name="email", means="Where targeted notices go.", example="it@bakery.example"),
    Column(name="language", means="Language of what they get: en, de, fr, es or nl.", example="de"),
    Column(name="notify", means="yes: they agreed to targeted notices; no: they want none.", example="yes"),
    Column(name="kind", means="domain or account; empty in a line without an asset.", example="domain"),
    Column(name="asset", means="The domain or account.", example="bakery.example"),
    Column(name="server", means="The server it lives on, by name; import servers first.", example="web-17"),
    Column(
        name="components",
        means="Components it stands directly under, by name or id, with | between.",
        example="Mail|Webmail",
    ),
)
SERVER_COLUMNS: Final = (
    Column(
        name="server", means="Its name as customers know it, up to 100 characters.", example="web-17", required=True
    ),
    Column(
        name="components", means="Components it stands under, by name or id, with | between.", example="Web hosting"
    ),
)
COLUMNS: Final = {Kind.CUSTOMERS: CUSTOMER_COLUMNS, Kind.SERVERS: SERVER_COLUMNS}


class UnfitHead(Exception):
    """The first line names no columns that we know; the message says what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What a file's first line promises: the kind, and which columns stand where."""

    kind: Kind
    names: tuple[str, ...]

    def has(self, name: str) -> bool:
        """Tell whether the file speaks of this column; what it does not speak of stays as it is."""
        return name in self.names

    def read(self, fields: Sequence[str]) -> dict[str, str]:
        """Return a line's fields by column, without blanks around and without the guard that our own export puts before
        what looks like a formula. Expects as many as there are columns."""
        return {name: unguarded(field.strip()) for name, field in zip(self.names, fields, strict=True)}


def read_head(fields: Sequence[str]) -> Layout:
    """Return the layout that a first line describes. Raises `UnfitHead`."""
    names = tuple(field.strip().casefold() for field in fields)
    kind = Kind.CUSTOMERS if "customer" in names else Kind.SERVERS
    known = {column.name for column in COLUMNS[kind]}
    missing = [column.name for column in COLUMNS[kind] if column.required and column.name not in names]
    if missing:
        raise UnfitHead("The first line must name the columns, and “customer” or “server” among them.")
    unknown = sorted(set(names) - known)
    if unknown:
        listed = ", ".join(f"“{name[:40]}”" for name in unknown[:5])
        raise UnfitHead(f"These columns are not known: {listed}. Known are {', '.join(sorted(known))}.")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnfitHead(f"“{twice[0]}” stands in the first line twice.")
    if ("kind" in names) != ("asset" in names):
        raise UnfitHead("“kind” and “asset” belong together: give both or neither.")
    if "asset" not in names and ("server" in names or "components" in names) and kind == Kind.CUSTOMERS:
        raise UnfitHead("“server” and “components” say where an asset lives: give “kind” and “asset” too.")
    return Layout(kind=kind, names=names)
