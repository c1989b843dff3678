"""Hosts as a file names them, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from intake.rules.text import storable
from web.errors import BadInput

MOST_HOSTS: Final = 100_000
MOST_ERRORS: Final = 50
NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._:-]{0,251}[A-Za-z0-9])?")
ADDRESS: Final = re.compile(r"[!-~]{1,253}")
GROUP: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,59}")
TRUE: Final = frozenset({"1", "true", "yes", "y", "x"})


@dataclass(kw_only=True)
class FoundHost:
    """A host as a file names it."""

    name: str
    address: str = ""
    groups: set[str] = field(default_factory=set)
    variables: dict[str, str] = field(default_factory=dict)
    drill: bool = False


class Hosts:
    """Collects hosts and what is wrong with them, each error with its place."""

    def __init__(self) -> None:
        self.found: dict[str, FoundHost] = {}
        self.errors: list[str] = []

    def add(self, name: str, *, place: str) -> FoundHost:
        """Return the host of this name, made if need be; a name that can't be one is noted as an error."""
        name = name.strip()
        if not NAME.fullmatch(name):
            self.wrong(place, f"“{name[:60]}” is no host name.")
        return self.found.setdefault(name, FoundHost(name=name))

    def group(self, host: FoundHost, name: str, *, place: str) -> None:
        """Put a host into a group."""
        if not GROUP.fullmatch(name):
            self.wrong(place, f"“{name[:60]}” is no group name (letters, digits, _ . -).")
        host.groups.add(name)

    def wrong(self, place: str, sentence: str) -> None:
        """Note an error."""
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(storable(f"{place}: {sentence}"))

    def checked(self) -> list[FoundHost]:
        """Return the hosts by name; raise `BadInput` with every error."""
        if not self.found and not self.errors:
            self.errors.append("The file names no host.")
        for host in self.found.values():
            host.address = host.address or host.variables.pop("ansible_host", "") or host.name
            if not ADDRESS.fullmatch(host.address):
                self.wrong(host.name, f"“{host.address[:60]}” is no address.")
        if len(self.found) > MOST_HOSTS:
            self.errors.append(f"More than {MOST_HOSTS} hosts; split the file.")
        if self.errors:
            raise BadInput("Nothing was imported. " + " ".join(self.errors), errors={"file": " ".join(self.errors)})
        for host in self.found.values():
            if port := host.variables.pop("ansible_port", ""):
                host.variables.setdefault("port", port)
            host.drill = host.drill or str(host.variables.pop("drill", "")).lower() in TRUE or "drill" in host.groups
        return [self.found[name] for name in sorted(self.found)]


def take_variables(host: FoundHost, variables: Mapping[Any, Any]) -> None:
    """Keep what a file says of a host beside its name: texts, numbers and truth values, as text."""
    for name, value in variables.items():
        if isinstance(value, bool):
            host.variables[storable(str(name))] = "true" if value else "false"
        elif isinstance(value, str | int | float):
            host.variables[storable(str(name))] = storable(str(value))
