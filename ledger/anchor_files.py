"""The anchors: heads of the chains, written to files outside the database.

One file per day, one JSON line per head that moved: `{"at", "chain", "hash", "seq", "subject"}`, `at` in microseconds
since 1970. Each line's `chain` covers the line and the chain value before it, across files: each file's first line,
`{"after", "chain", "day", "folder"}`, continues the file before. So a line or a file that was taken out shows. Files
are only ever appended to, flushed to disk (`fsync`) and readable by their owner alone. Copy the folder elsewhere
regularly: whoever can rewrite both the database and this folder can rewrite history.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from ledger.rules import GENESIS, JSON, canonical, chained, microseconds

FILES: Final = "heads-*.jsonl"
LONGEST_LINE: Final = 4096


class BrokenAnchors(Exception):
    """A file of anchors does not continue as it was written. `line` counts from 1 in `file`."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file} line {line}: {reason}")
        self.file = file
        self.line = line
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class AnchoredHead:
    """A head as it was when it was anchored."""

    subject: str
    seq: int
    hash: str


@dataclass(frozen=True, kw_only=True)
class Extent:
    """A folder as it was at one moment: how many bytes of which files."""

    folder: Path
    files: tuple[tuple[Path, int], ...]


def extent(folder: Path) -> Extent:
    """Measure `folder`, so that a reader can leave alone what is written later."""
    return Extent(folder=folder, files=tuple((file, file.stat().st_size) for file in sorted(folder.glob(FILES))))


def folder_id(folder: Path) -> str:
    """Return the id that `folder` was given when the first anchor was written to it; "" before."""
    try:
        return (folder / "id").read_text().strip()
    except FileNotFoundError:
        return ""


def read(of: Extent) -> Iterator[tuple[AnchoredHead | None, str]]:
    """Yield each line's head (None for the first line of a file) and chain value; raise `BrokenAnchors`.

    An unfinished last line is what a crash leaves: it was never relied on and is passed over.
    """
    chain = GENESIS
    for number_of_file, (file, size) in enumerate(of.files):
        is_newest = number_of_file == len(of.files) - 1
        with file.open("rb") as stream:
            for number, raw in enumerate(_lines(stream, size), start=1):
                if is_newest and not raw.endswith(b"\n"):
                    return
                try:
                    line: dict[str, JSON] = json.loads(raw)
                    stored = line.pop("chain")
                    head = None if number == 1 else _head(line)
                    if stored != chained(line, after=chain) or (head is None and line["after"] != chain):
                        raise BrokenAnchors(file.name, number, "the line does not continue the one before")
                except (ValueError, KeyError, TypeError, AttributeError):
                    raise BrokenAnchors(file.name, number, "the line cannot be read") from None
                chain = str(stored)
                yield head, chain


def _head(line: dict[str, JSON]) -> AnchoredHead:
    seq = line["seq"]
    if not isinstance(seq, int):
        raise TypeError(seq)
    return AnchoredHead(subject=str(line["subject"]), seq=seq, hash=str(line["hash"]))


def _lines(stream: BinaryIO, size: int) -> Iterator[bytes]:
    while (left := size - stream.tell()) > 0:
        line = stream.readline(min(left, LONGEST_LINE))
        if not line:
            return
        yield line


class AnchorFolder:
    """A folder of anchors opened for writing; `opened` makes sure that there is one writer."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.id = folder_id(folder)

    def write(self, heads: Sequence[AnchoredHead], *, now: datetime) -> str:
        """Append `heads`, flush them to disk and return the last chain value. Repeating a head does no harm."""
        newest, chain = self._end()
        today = self._folder / f"heads-{now:%Y-%m-%d}.jsonl"
        # A clock that was set back may not make the order of the files another than that of the lines.
        file = today if newest is None or today >= newest else newest
        lines: list[dict[str, JSON]] = []
        if file != newest:
            lines.append({"after": chain, "day": file.stem.removeprefix("heads-"), "folder": self.id})
        at = microseconds(now)
        lines += [{"at": at, "hash": head.hash, "seq": head.seq, "subject": head.subject} for head in heads]
        text, chain = _chain_up(lines, after=chain)
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            with os.fdopen(descriptor, "ab") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
        finally:
            _flush_folder(self._folder)
        return chain

    def _end(self) -> tuple[Path | None, str]:
        """Return the newest file and its last chain value, after taking off what a crash left unfinished."""
        for file in sorted(self._folder.glob(FILES), reverse=True):
            with file.open("r+b") as stream:
                size = stream.seek(0, os.SEEK_END)
                tail_at = max(0, size - 2 * LONGEST_LINE)
                stream.seek(tail_at)
                tail = stream.read()
                whole = tail[: tail.rfind(b"\n") + 1]
                if len(whole) < len(tail):
                    stream.truncate(tail_at + len(whole))
            if whole:
                return file, str(json.loads(whole.splitlines()[-1])["chain"])
            file.unlink()  # not even its first line was finished
        return None, GENESIS


def _chain_up(lines: Iterable[dict[str, JSON]], *, after: str) -> tuple[bytes, str]:
    written = []
    for line in lines:
        after = chained(line, after=after)
        written.append(canonical({**line, "chain": after}) + b"\n")
    return b"".join(written), after


@contextmanager
def opened(folder: Path) -> Iterator[AnchorFolder | None]:
    """Open `folder` for writing (made if needed, owner only); None when another process of this host is writing."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        if not folder_id(folder):
            _give_id(folder)
        yield AnchorFolder(folder)
    finally:
        os.close(descriptor)


def put_away(folder: Path, *, now: datetime) -> Path:
    """Move the files and the id of `folder` into a folder beneath it and return that. The caller holds it opened."""
    kept = folder / f"until-{now:%Y-%m-%dT%H%M%SZ}"
    kept.mkdir(mode=0o700, exist_ok=True)
    for file in (*sorted(folder.glob(FILES)), folder / "id"):
        file.rename(kept / file.name)
    _flush_folder(kept)
    _flush_folder(folder)
    return kept


def _give_id(folder: Path) -> None:
    descriptor = os.open(folder / "id", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(secrets.token_hex(16) + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
