"""The file: a gzipped tar whose members follow each other so that it can be written and read as one stream.

| member | content |
|---|---|
| `manifest.json` | `Manifest`: what this is, of which version, which tables with which columns |
| `anchors/<path>` | the ledger's anchors, as they were at the snapshot |
| `tables/<name>/<number>` | rows in PostgreSQL's COPY text format, cut anywhere into pieces of at most 4 MiB |
| `end.json` | `End`: rows and SHA-256 of each table, where the sequences stood; without it the file is cut off |

A tar wants each member's size before its content. Pieces give that without a second copy of a table on disk.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from backup.errors import BackupError

FORMAT: Final = "muster-backup"
VERSION: Final = 1
PIECE: Final = 4 * 1024 * 1024
LONGEST_DOCUMENT: Final = 64 * 1024 * 1024
"""Bytes that a manifest or an end may have: more is no backup of ours."""
DAMAGED: Final = "This file is damaged, cut off, or no backup of Muster."


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What stands first. `made_at` is ISO 8601; `migrations` are (app, name); `tables` name their columns in order."""

    made_at: str
    postgresql: int
    migrations: list[list[str]]
    tables: dict[str, list[str]]
    probe: str
    """A text encrypted with the first key of SECRETS_KEYS: tells whether the keys at hand open what is in here."""
    format: str = FORMAT
    version: int = VERSION


@dataclass(frozen=True, kw_only=True)
class TableEnd:
    """How many rows a table has, and the SHA-256 of its pieces one after the other."""

    rows: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class End:
    """What stands last. A sequence is (last value, whether that was given out already)."""

    tables: dict[str, TableEnd]
    sequences: dict[str, tuple[int, bool]]


class ArchiveWriter:
    """Writes members one after the other; `written` opens and ends it."""

    def __init__(self, tar: tarfile.TarFile, *, made_at: datetime) -> None:
        self._tar = tar
        self._made_at = made_at

    def add(self, name: str, content: bytes) -> None:
        """Write one member."""
        self._add(name, len(content), io.BytesIO(content))

    def add_file(self, name: str, path: Path, *, size: int) -> None:
        """Write the first `size` bytes of a file: what is appended meanwhile belongs to a later backup."""
        with path.open("rb") as source:
            self._add(name, size, source)

    def add_document(self, name: str, document: Manifest | End) -> None:
        """Write one of the two documents as JSON."""
        self.add(name, json.dumps(asdict(document), indent=1).encode())

    def _add(self, name: str, size: int, source: IO[bytes]) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, 0o600, int(self._made_at.timestamp())
        self._tar.addfile(member, source)


@contextmanager
def written(to: IO[bytes], *, made_at: datetime) -> Iterator[ArchiveWriter]:
    """Write an archive to a stream, which stays open."""
    with (
        gzip.GzipFile(filename="", fileobj=to, mode="wb", compresslevel=6, mtime=int(made_at.timestamp())) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        yield ArchiveWriter(tar, made_at=made_at)


Member = tuple[str, IO[bytes]]


@contextmanager
def read(source: IO[bytes]) -> Iterator[Iterator[Member]]:
    """Yield the members of an archive in order, each to be read before the next. Raises `BackupError` when damaged."""
    try:
        with (
            gzip.GzipFile(fileobj=source, mode="rb") as packed,
            tarfile.open(fileobj=packed, mode="r|") as tar,
        ):
            yield _members(tar, packed)
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error):
        raise BackupError(DAMAGED) from None


def _members(tar: tarfile.TarFile, packed: gzip.GzipFile) -> Iterator[Member]:
    for member in tar:
        content = tar.extractfile(member)
        if content is None:
            raise BackupError(DAMAGED)
        yield member.name, content
    # The checksum of the whole stands behind the last member.
    while packed.read(PIECE):
        pass


def manifest_of(member: Member | None) -> Manifest:
    """Return the first member as what it must be. Raises `BackupError`, also for a format of another version."""
    document = _document(member, "manifest.json")
    if document.get("format") != FORMAT:
        raise BackupError(DAMAGED)
    if document.get("version") != VERSION:
        raise BackupError(f"This backup has format {document.get('version')}; this version of Muster reads {VERSION}.")
    try:
        return Manifest(**document)
    except TypeError:
        raise BackupError(DAMAGED) from None


def end_of(member: Member | None) -> End:
    """Return the last member as what it must be. Raises `BackupError`."""
    document = _document(member, "end.json")
    try:
        tables = {name: TableEnd(**each) for name, each in document["tables"].items()}
        sequences = {name: (int(last), bool(called)) for name, (last, called) in document["sequences"].items()}
    except (TypeError, KeyError, ValueError, AttributeError):
        raise BackupError(DAMAGED) from None
    return End(tables=tables, sequences=sequences)


def _document(member: Member | None, name: str) -> dict[str, Any]:
    if member is None or member[0] != name:
        raise BackupError(DAMAGED)
    try:
        document = json.loads(member[1].read(LONGEST_DOCUMENT))
    except ValueError:
        raise BackupError(DAMAGED) from None
    if not isinstance(document, dict):
        raise BackupError(DAMAGED)
    return document
