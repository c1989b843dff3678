"""Make the archive of a site's files: every member is hashed as it is written, so the manifest says what is in it."""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from eap.actions.webserver.host.links import outward
from eap.actions.webserver.host.manifest import FILE, FOLDER, HARD, SYMBOLIC, Member
from eap.actions.webserver.host.trouble import Trouble, say, shown

XATTR = "SCHILY.xattr."
"""How GNU tar and star keep extended attributes in a pax header; POSIX ACLs are among them."""
KEPT_XATTRS = ("user.", "system.posix_acl_")
"""Not `security.capability` and `trusted.*`: what gives rights is not restored from an archive."""


class Packed:
    """What went into an archive, and what was left out with the reason."""

    def __init__(self) -> None:
        self.files = 0
        self.bytes = 0
        self.left_out = 0

    def leave_out(self, path: str, why: str) -> None:
        """Say and count what is not in the archive."""
        self.left_out += 1
        say(f"Left out {shown(path)}: {why}.")


def pack(site: Path, archive: BinaryIO, members: BinaryIO) -> Packed:
    """Write a site's archive (gzip, pax format, numeric owners, times to the nanosecond) and its manifest's lines.

    Links that lead out of the site, sockets, pipes and devices are left out and said. The set-user-id bit of a file is
    taken off. Folders come before what is in them.
    """
    packed, first_names = Packed(), dict[tuple[int, int], str]()
    links = {path: str(found.readlink()) for path, found in _walk(site) if found.is_symlink()}
    while bad := outward(links, str(site)):
        packed.leave_out(bad, f"it leads out of the site or in a circle (to {shown(links.pop(bad))})")
    with (
        gzip.GzipFile(fileobj=archive, mode="wb", compresslevel=6, mtime=0) as squeezed,
        tarfile.open(fileobj=squeezed, mode="w|", format=tarfile.PAX_FORMAT, errors="surrogateescape") as tar,
    ):
        for path, found in _walk(site):
            try:
                member = _add(tar, path, found, links, first_names, packed)
            except FileNotFoundError:
                packed.leave_out(path, "it was removed meanwhile")
                continue
            if member is not None:
                members.write(member.line())
                packed.files += 1
                packed.bytes += member.size
    return packed


def _walk(site: Path) -> Iterator[tuple[str, Path]]:
    """Yield the site's folder and all below it with their paths inside the site, in a fixed order."""
    yield "", site
    waiting = [("", site)]
    while waiting:
        path, folder = waiting.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except FileNotFoundError:
            continue
        below = []
        for entry in entries:
            inside = f"{path}/{entry.name}" if path else entry.name
            yield inside, Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                below.append((inside, Path(entry.path)))
        waiting += reversed(below)


def _add(
    tar: tarfile.TarFile,
    path: str,
    found: Path,
    links: dict[str, str],
    first_names: dict[tuple[int, int], str],
    packed: Packed,
) -> Member | None:
    kept = os.lstat(found)
    header = tarfile.TarInfo(f"./{path}" if path else ".")
    header.uid, header.gid, header.mode = kept.st_uid, kept.st_gid, stat.S_IMODE(kept.st_mode)
    seconds, rest = divmod(kept.st_mtime_ns, 10**9)
    header.mtime = seconds
    # As text, because a float loses the last digits.
    header.pax_headers = {"mtime": f"{seconds}.{rest:09d}"} if rest else {}
    if stat.S_ISLNK(kept.st_mode):
        if path not in links:
            return None  # left out before, or made meanwhile
        header.type, header.linkname = tarfile.SYMTYPE, links[path]
        tar.addfile(header)
        return Member(path, SYMBOLIC, target=links[path])
    header.pax_headers.update(_xattrs(found))
    if stat.S_ISDIR(kept.st_mode):
        header.type = tarfile.DIRTYPE
        header.mode &= ~stat.S_ISUID
        tar.addfile(header)
        return Member(path, FOLDER)
    if not stat.S_ISREG(kept.st_mode):
        packed.leave_out(path, "it is neither file, folder nor link")
        return None
    first = first_names.setdefault((kept.st_dev, kept.st_ino), path)
    if first != path:
        header.type, header.linkname = tarfile.LNKTYPE, f"./{first}"
        header.pax_headers = {}
        tar.addfile(header)
        return Member(path, HARD, target=first)
    return _add_file(tar, header, path, found)


def _add_file(tar: tarfile.TarFile, header: tarfile.TarInfo, path: str, found: Path) -> Member:
    if header.mode & (stat.S_ISUID | stat.S_ISGID):
        say(f"Took the set-id bits off {shown(path)}.")
        header.mode &= ~(stat.S_ISUID | stat.S_ISGID)
    with os.fdopen(os.open(found, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        header.size = os.fstat(file.fileno()).st_size
        hashed = _Hashed(file, header.size)
        tar.addfile(header, hashed)  # type: ignore[arg-type]  # it reads, and nothing else is asked of it
        if hashed.padded:
            say(f"{shown(path)} became shorter while it was read; the rest is zeros.")
    return Member(path, FILE, size=header.size, sha256=hashed.digest.hexdigest())


class _Hashed:
    """Reads exactly so many bytes of a file and hashes them; a file that shrinks meanwhile is filled up with zeros."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._left = size
        self.digest = hashlib.sha256()
        self.padded = False

    def read(self, wanted: int) -> bytes:
        """Return the next bytes."""
        wanted = min(wanted, self._left)
        read = self._file.read(wanted)
        if len(read) < wanted:
            self.padded = True
            read += b"\0" * (wanted - len(read))
        self._left -= len(read)
        self.digest.update(read)
        return read


def _xattrs(found: Path) -> dict[str, str]:
    kept: dict[str, str] = {}
    with suppress(OSError):  # a file system without them has none
        for name in os.listxattr(found, follow_symlinks=False):
            if name.startswith(KEPT_XATTRS):
                value = os.getxattr(found, name, follow_symlinks=False)
                kept[XATTR + name] = value.decode("utf-8", "surrogateescape")
    return kept


def require_site(site: Path) -> None:
    """Raise `Trouble` unless the site is a folder (no link: a restore replaces it by renaming)."""
    if site.is_symlink() or not site.is_dir():
        raise Trouble(f"{site} is no folder; a link has to be given as the folder that it leads to.")
