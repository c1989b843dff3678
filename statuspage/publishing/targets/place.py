"""What every kind of target can do, and how it says that it can't."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from statuspage.models import Target
from statuspage.publishing.manifest import Entry


class Trouble(Exception):
    """The target did not take, give or remove something. The text is a sentence for administrators, without secrets."""


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """A file to bring: where it goes, and where its bytes lie on this host; `compressed` lies beside, or is None."""

    path: str
    entry: Entry
    content: Path
    compressed: Path | None


class Place(Protocol):
    """An open target. Every call may take seconds and raises Trouble; none is made inside a transaction."""

    def fetch(self, paths: Sequence[str]) -> dict[str, bytes]:
        """Return what stands there now; paths that are not there are left out."""

    def put(self, parcels: Sequence[Parcel]) -> None:
        """Bring files; a reader there finds the old file or the new one."""

    def remove(self, paths: Iterable[str]) -> None:
        """Take files away with their compressed copies; those that are not there are no trouble."""

    def names(self) -> list[str]:
        """Return the paths of all that stands there, without what begins with a dot."""

    def close(self) -> None:
        """Let go of it."""


def secrets_of(target: Target) -> dict[str, Any]:
    """Return the secret part of a target's settings."""
    found: dict[str, Any] = json.loads(target.secret) if target.secret else {}
    return found
