"""Archives that somebody with the passphrase made to do harm: the manifest fits, the content does not."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from eap.actions.webserver.host.archives import beside
from eap.actions.webserver.host.disk import sha256_of
from eap.actions.webserver.host.gnupg import encrypting
from eap.actions.webserver.host.manifest import Head, Member
from eap.actions.webserver.host.outer import DUMP, INNER, MANIFEST, write_outer
from eap.actions.webserver.host.request import Crypt
from eap.actions.webserver.host.unpack import KINDS
from tests.eap.webserver.world import PASSPHRASE, World

Piece = tuple[tarfile.TarInfo, bytes]


def piece(name: str, content: bytes = b"", *, type: bytes = tarfile.REGTYPE, **more: Any) -> Piece:
    """Return a member as an attacker writes it."""
    header = tarfile.TarInfo(name)
    header.type, header.mode, header.size = type, 0o644, len(content)
    for field, value in more.items():
        setattr(header, field, value)
    return header, content


def folder(name: str, **more: Any) -> Piece:
    """Return a folder."""
    return piece(name, type=tarfile.DIRTYPE, **{"mode": 0o755, **more})


def link(name: str, target: str) -> Piece:
    """Return a symbolic link."""
    return piece(name, type=tarfile.SYMTYPE, linkname=target)


def hard(name: str, target: str) -> Piece:
    """Return a hard link."""
    return piece(name, type=tarfile.LNKTYPE, linkname=target)


def site_archive(into: Path, pieces: Sequence[Piece]) -> bytes:
    """Write a site's archive of these pieces; return the manifest's lines that go with it."""
    lines = b""
    with gzip.open(into, "wb") as squeezed, tarfile.open(fileobj=squeezed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for header, content in [folder("."), *pieces]:
            tar.addfile(header, io.BytesIO(content))
            path = header.name.removeprefix("./").strip(".") if header.name == "." else header.name.removeprefix("./")
            kind = KINDS.get(header.type, "f")
            target = header.linkname.removeprefix("./") if kind == "h" else header.linkname
            hashed = hashlib.sha256(content).hexdigest() if kind == "f" else ""
            lines += Member(path, kind, len(content) if kind == "f" else 0, hashed, target).line()
    return lines


def forge(world: World, pieces: Sequence[Piece], *, change: Callable[[Path], None] = lambda _folder: None) -> Path:
    """Make a whole backup of these pieces, with the database's dump of the newest one; return its path.

    `change` may alter the unpacked parts before they are encrypted.
    """
    work = world.folder / "forged"
    work.mkdir(exist_ok=True)
    _take_dump(world, work)
    lines = site_archive(work / INNER, pieces)
    head = Head(
        name="example.org",
        made_at="2026-11-22T03:00:00Z",
        files=len(pieces) + 1,
        bytes=1,
        inner={"sha256": sha256_of(work / INNER), "size": (work / INNER).stat().st_size},
        dump={"sha256": sha256_of(work / DUMP), "size": (work / DUMP).stat().st_size},
        tables={"public.customers": 500},
    )
    (work / MANIFEST).write_bytes(head.line() + lines)
    change(work)
    archive = world.archives / "example.org-20991231T000000Z.tar.gpg"
    with archive.open("wb") as file, encrypting(Crypt(PASSPHRASE, "", ""), file, work=work) as stream:
        write_outer(stream, work)
    describe(archive)
    return archive


def describe(archive: Path) -> None:
    """Write what stands beside an archive, so that its checksum is right."""
    said = {"sha256": sha256_of(archive), "unpacked": 1000}
    beside(archive).write_text(json.dumps(said))


def _take_dump(world: World, work: Path) -> None:
    from eap.actions.webserver.host import database
    from eap.actions.webserver.host.request import Database

    if not (work / DUMP).exists():
        given = {**world.site().database.model_dump(), "password": world.database["password"]}
        database.dump(Database(**given), work / DUMP)
