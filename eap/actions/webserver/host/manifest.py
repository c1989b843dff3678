"""The manifest of a backup: a head, then one line for each member of the site's archive, in the archive's order.

Lines of JSON, so that a million files are compared one by one and never held together.
"""

from __future__ import annotations

import builtins
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from eap.actions.webserver.host.trouble import Refused

FORMAT = "muster-webserver/1"
LONGEST_LINE = 1 << 20
FILE, FOLDER, SYMBOLIC, HARD = "f", "d", "l", "h"


@dataclass(frozen=True)
class Member:
    """One member of the site's archive: its path inside the site ("" for the site's own folder), its kind, its size
    in bytes and SHA-256 (files), or where it leads (links)."""

    path: str
    kind: str
    size: int = 0
    sha256: str = ""
    target: str = ""

    def line(self) -> bytes:
        """Return the member as the manifest writes it."""
        return json.dumps([self.path, self.kind, self.size, self.sha256, self.target]).encode() + b"\n"


@dataclass(frozen=True)
class Head:
    """What the backup is: of which site, when, how much; the dump's and the inner archive's SHA-256; rows by table."""

    name: str
    made_at: str
    files: int
    bytes: int
    inner: Mapping[str, Any]
    dump: Mapping[str, Any]
    tables: Mapping[str, int]

    @property
    def unpacked(self) -> int:
        """Return the bytes that it takes on a disk, archive and dump beside what comes out of them."""
        return self.bytes + int(self.inner["size"]) + int(self.dump.get("size", 0))

    def line(self) -> builtins.bytes:
        """Return the head as the manifest writes it."""
        return json.dumps({"format": FORMAT, **self.__dict__}).encode() + b"\n"


class Lines:
    """Reads a manifest's members in order."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.head = _head(self._line())

    def next(self) -> Member | None:
        """Return the next member, None at the end."""
        line = self._line()
        if not line:
            return None
        try:
            path, kind, size, sha256, target = json.loads(line)
            return Member(str(path), str(kind), int(size), str(sha256), str(target))
        except (ValueError, TypeError) as error:
            raise Refused("The manifest has a line that is none.") from error

    def __iter__(self) -> Iterator[Member]:
        while (member := self.next()) is not None:
            yield member

    def _line(self) -> bytes:
        line = self._file.readline(LONGEST_LINE)
        if len(line) == LONGEST_LINE:
            raise Refused("The manifest has a line of absurd length.")
        return line


def _head(line: bytes) -> Head:
    try:
        given = json.loads(line)
        is_ours = given.pop("format") == FORMAT
        head = Head(**given)
        int(head.inner["size"]), str(head.inner["sha256"]), int(head.files), int(head.bytes)
        if head.dump:
            int(head.dump["size"]), str(head.dump["sha256"])
        is_ours = is_ours and all(isinstance(rows, int) for rows in head.tables.values())
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Refused("The archive's manifest is none that this program reads.") from error
    if not is_ours:
        raise Refused("The archive's manifest is none that this program reads.")
    return head


@contextmanager
def reading(path: Path) -> Iterator[Lines]:
    """Open a manifest to read it."""
    with path.open("rb") as file:
        yield Lines(file)


def head_of(path: Path) -> Head:
    """Return a manifest's head."""
    with reading(path) as lines:
        return lines.head
