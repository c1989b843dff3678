"""Put an archive's members on a disk, and compare what is on a disk with a manifest."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from eap.actions.webserver.host.disk import remove, sha256_of, sync_folder
from eap.actions.webserver.host.manifest import FILE, FOLDER, HARD, SYMBOLIC, reading
from eap.actions.webserver.host.pack import XATTR
from eap.actions.webserver.host.request import Limits
from eap.actions.webserver.host.trouble import Trouble, shown
from eap.actions.webserver.host.unpack import Found, members


def examine(inner: Path, manifest: Path, limits: Limits, site: Path) -> int:
    """Read a site's archive to its end without writing anything; return how many members it has. Raises `Refused`."""
    count = 0
    for found in members(inner, manifest, limits, str(site)):
        count += 1
        if found.content is not None:
            for _chunk in found.content.chunks():
                pass
    return count


def extract(inner: Path, manifest: Path, limits: Limits, site: Path, into: Path) -> int:
    """Unpack a site's archive into a folder that is made for it; return how many members it has.

    No write passes through a link: files are made new in folders that were made here and are closed to others, links
    come last. Folders get their rights and times at the end. Raises `Refused`; what was written by then is removed.
    """
    remove(into)
    into.mkdir(mode=0o700)
    folders: list[Found] = []
    links: list[Found] = []
    count = 0
    try:
        for found in members(inner, manifest, limits, str(site)):
            count += 1
            where = into / found.member.path
            if found.member.kind == FOLDER:
                if found.member.path:
                    where.mkdir(mode=0o700)
                folders.append(found)
            elif found.member.kind == SYMBOLIC:
                links.append(found)
            elif found.member.kind == HARD:
                os.link(into / found.member.target, where, follow_symlinks=False)
            else:
                _write(where, found)
        for found in links:
            where = into / found.member.path
            where.symlink_to(found.member.target)
            _own(where, found)
            _date(where, found)
        for found in reversed(folders):
            _rights(into / found.member.path, found)
            sync_folder(into / found.member.path)
    except BaseException:
        remove(into)
        raise
    return count


def _write(where: Path, found: Found) -> None:
    assert found.content is not None  # noqa: S101  (only files come here)
    handle = os.open(where, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        for chunk in found.content.chunks():
            file.write(chunk)
    _rights(where, found)


def _rights(where: Path, found: Found) -> None:
    """Set owner, attributes, rights and time, in an order in which none undoes the one before."""
    _own(where, found)
    where.chmod(found.header.mode & 0o7777)
    for name, value in found.header.pax_headers.items():
        if name.startswith(XATTR):
            with suppress(OSError):  # a file system without them keeps the rest
                os.setxattr(where, name[len(XATTR) :], value.encode("utf-8", "surrogateescape"), follow_symlinks=False)
    _date(where, found)


def _own(where: Path, found: Found) -> None:
    if os.geteuid() == 0:  # others can't give files away
        os.chown(where, found.header.uid, found.header.gid, follow_symlinks=False)


def _date(where: Path, found: Found) -> None:
    written = found.header.pax_headers.get("mtime", "")
    seconds, _, rest = written.partition(".")
    try:
        at = int(seconds) * 10**9 + int(rest.ljust(9, "0")[:9] or 0)
    except ValueError:
        at = int(found.header.mtime) * 10**9
    os.utime(where, ns=(at, at), follow_symlinks=False)


def compare(site: Path, manifest: Path) -> int:
    """Compare a site on a disk with its manifest, contents included; return how many members are as they should be.

    What is there besides is not looked at: a site that runs writes. Raises `Trouble` with the first difference and how
    many there are.
    """
    first, wrong, count = "", 0, 0
    with reading(manifest) as lines:
        for member in lines:
            where = site / member.path
            count += 1
            kind = SYMBOLIC if where.is_symlink() else FOLDER if where.is_dir() else FILE if where.is_file() else ""
            good = kind == (FILE if member.kind == HARD else member.kind)
            if good and member.kind == SYMBOLIC:
                good = str(where.readlink()) == member.target
            elif good and member.kind == FILE:
                good = where.stat().st_size == member.size and sha256_of(where) == member.sha256
            elif good and member.kind == HARD:
                good = where.samefile(site / member.target)
            if not good:
                wrong += 1
                first = first or shown(member.path)
    if wrong:
        raise Trouble(f"{wrong} of {count} members differ from the manifest, the first one is {first}.")
    return count
