"""Read the archive of a site's files and trust nothing in it: the same look whether it is examined or unpacked.

It is read once from beginning to end. A member that could write elsewhere, become more than it is or fill the disk ends
the reading with its reason; every member has to be the manifest's next one, bytes included.
"""

from __future__ import annotations

import gzip
import hashlib
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from eap.actions.webserver.host.links import outward
from eap.actions.webserver.host.manifest import FILE, FOLDER, HARD, SYMBOLIC, Lines, Member, reading
from eap.actions.webserver.host.pack import KEPT_XATTRS, XATTR
from eap.actions.webserver.host.request import Limits
from eap.actions.webserver.host.trouble import Refused, shown

SET_ID = 0o6000
SET_USER = 0o4000
SMALL = 100_000_000
"""Below so many bytes no ratio is too high: a text of blanks packs a thousandfold and harms nobody."""
HEADER = 1 << 20
"""What the headers of one member may take: names and attributes, never a disk."""
LONGEST_PATH = 4_000
LARGEST_ID = 2**32 - 2
LATEST = 2**40
KINDS = {
    tarfile.REGTYPE: FILE,
    tarfile.AREGTYPE: FILE,
    tarfile.DIRTYPE: FOLDER,
    tarfile.SYMTYPE: SYMBOLIC,
    tarfile.LNKTYPE: HARD,
}
SPECIAL = {tarfile.CHRTYPE: "a device", tarfile.BLKTYPE: "a device", tarfile.FIFOTYPE: "a pipe"}


class Metered:
    """Bytes out of a packed file, counted: neither more than allowed, nor from next to nothing, nor as headers."""

    def __init__(self, packed: Path, limits: Limits) -> None:
        self._raw = packed.open("rb")
        self._stream = gzip.GzipFile(fileobj=self._raw, mode="rb")
        self._limits = limits
        self._total = 0
        self._allowance = HEADER

    def expect(self, size: int) -> None:
        """Allow one member of `size` bytes and its headers."""
        self._allowance = size + HEADER

    def read(self, wanted: int = -1) -> bytes:
        """Return the next bytes; raises `Refused` once it is too much."""
        try:
            read = self._stream.read(wanted)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise Refused(f"The site's archive is damaged ({type(error).__name__}).") from error
        self._total += len(read)
        self._allowance -= len(read)
        if self._total > self._limits.bytes + self._limits.files * 2048:
            raise Refused(f"It unpacks to more than the {self._limits.bytes} bytes that are allowed.")
        if self._total > SMALL and self._total > self._raw.tell() * self._limits.ratio:
            raise Refused(f"It unpacks to more than {self._limits.ratio} times its size.")
        if self._allowance < 0:
            raise Refused("It has a header of absurd size.")
        return read

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
        self._raw.close()


@dataclass(frozen=True)
class Found:
    """A member that may be unpacked: as the manifest says it, with its header, and its content if it is a file."""

    member: Member
    header: tarfile.TarInfo
    content: Hashed | None


class Hashed:
    """A file's content; read to the end it has to have the manifest's SHA-256."""

    def __init__(self, file: BinaryIO, member: Member) -> None:
        self._file = file
        self._member = member
        self._digest = hashlib.sha256()

    def chunks(self) -> Iterator[bytes]:
        """Yield the content; raises `Refused` at the end if it is not the manifest's."""
        size = 0
        while chunk := self._next():
            size += len(chunk)
            self._digest.update(chunk)
            yield chunk
        if size != self._member.size or self._digest.hexdigest() != self._member.sha256:
            raise Refused(f"{shown(self._member.path)} is not what the manifest says.")

    def _next(self) -> bytes:
        try:
            return self._file.read(1 << 18)
        except tarfile.TarError as error:
            raise Refused(f"The site's archive is damaged ({error}).") from error


def members(inner: Path, manifest: Path, limits: Limits, site: str) -> Iterator[Found]:
    """Yield the members of a site's archive, each checked; a file's content has to be read before the next one.

    Raises `Refused` with the reason, at the end also for links that lead out and for members that are missing.
    """
    metered = Metered(inner, limits)
    try:
        with reading(manifest) as lines:
            yield from _members(metered, lines, limits, site)
    except tarfile.TarError as error:
        raise Refused(f"The site's archive is damaged ({type(error).__name__}).") from error
    finally:
        metered.close()


def _members(metered: Metered, lines: Lines, limits: Limits, site: str) -> Iterator[Found]:
    rules = Rules(limits)
    with tarfile.open(fileobj=metered, mode="r|", errors="surrogateescape") as tar:  # type: ignore[call-overload]
        for header in tar:
            path = rules.check(header)
            metered.expect(header.size)
            member = lines.next()
            _same(member, path, header)
            assert member is not None  # noqa: S101  (said by the line above)
            content = None
            if member.kind == FILE:
                file = tar.extractfile(header)
                assert file is not None  # noqa: S101  (a regular file has content)
                content = Hashed(file, member)
            yield Found(member, header, content)
            tar.members = []  # it keeps every header otherwise
    if (missing := lines.next()) is not None:
        raise Refused(f"{shown(missing.path)} is in the manifest and not in the archive.")
    if bad := outward(rules.links, site):
        raise Refused(f"{shown(bad)} is a link that leads out of the site or in a circle.")


def _same(member: Member | None, path: str, header: tarfile.TarInfo) -> None:
    kind = KINDS[header.type]
    target = header.linkname if kind == SYMBOLIC else plain_path(header.linkname) if kind == HARD else ""
    size = header.size if kind == FILE else 0
    if member is None or (member.path, member.kind, member.size, member.target) != (path, kind, size, target):
        raise Refused(f"{shown(path)} is not what the manifest says.")


class Rules:
    """What no member may be. `links` are the symbolic ones met so far."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._folders: set[str] = set()
        self._seen: set[str] = set()
        self._bytes = 0
        self.links: dict[str, str] = {}

    def check(self, header: tarfile.TarInfo) -> str:
        """Return a member's path inside the site; raises `Refused` with the reason."""
        path = plain_path(header.name)
        name = shown(path or ".")
        if header.type not in KINDS or header.sparse is not None:
            raise Refused(f"{name} is {SPECIAL.get(header.type, 'of a kind that a site has not')}.")
        kind = KINDS[header.type]
        if (path == "") != (not self._seen) or (path == "" and kind != FOLDER):
            raise Refused("The archive does not begin with the site's own folder.")
        if path in self._seen:
            raise Refused(f"{name} is in the archive twice.")
        if path and path.rpartition("/")[0] not in self._folders:
            raise Refused(f"{name} lies in no folder of the archive.")
        self._rights(header, kind, name)
        self._amount(header, name)
        if kind == HARD and (
            header.size or plain_path(header.linkname) not in self._seen - self._folders - {*self.links}
        ):
            raise Refused(f"{name} is a hard link to what is no file before it in the archive.")
        if kind == SYMBOLIC:
            if not header.linkname or "\0" in header.linkname or len(header.linkname) > LONGEST_PATH or header.size:
                raise Refused(f"{name} is a link to nothing that a path could be.")
            self.links[path] = header.linkname
        if kind == FOLDER:
            self._folders.add(path)
        self._seen.add(path)
        return path

    @staticmethod
    def _rights(header: tarfile.TarInfo, kind: str, name: str) -> None:
        if header.mode & (SET_USER if kind == FOLDER else SET_ID) and kind != SYMBOLIC:
            raise Refused(f"{name} runs with its owner's rights (set-user-id or set-group-id).")
        for key in header.pax_headers:
            if key.startswith(XATTR) and not key[len(XATTR) :].startswith(KEPT_XATTRS):
                raise Refused(f"{name} has an attribute that gives rights ({shown(key[len(XATTR) :])}).")
        if not 0 <= header.uid <= LARGEST_ID or not 0 <= header.gid <= LARGEST_ID:
            raise Refused(f"{name} has an owner that can't be one.")
        if not abs(float(header.mtime)) < LATEST:
            raise Refused(f"{name} has a time that can't be one.")

    def _amount(self, header: tarfile.TarInfo, name: str) -> None:
        self._bytes += header.size
        if header.size < 0 or self._bytes > self._limits.bytes:
            raise Refused(f"With {name} it unpacks to more than the {self._limits.bytes} bytes that are allowed.")
        if len(self._seen) >= self._limits.files:
            raise Refused(f"It has more than the {self._limits.files} members that are allowed.")


def plain_path(name: str) -> str:
    """Return a member's name as a path inside the site; raises `Refused` for one that leads elsewhere."""
    if name.startswith("/"):
        raise Refused(f"{shown(name)} is an absolute path.")
    words = [word for word in name.split("/") if word not in ("", ".")]
    if ".." in words:
        raise Refused(f"{shown(name)} leads out of the site (“..”).")
    path = "/".join(words)
    if (
        "\0" in path
        or len(path) > LONGEST_PATH
        or any(len(word.encode("utf-8", "surrogateescape")) > 255 for word in words)
    ):
        raise Refused(f"{shown(name)} is no name that a file can have.")
    return path
