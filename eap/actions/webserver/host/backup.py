"""Make one backup: the dump, the site's archive and their manifest, in one encrypted archive."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, Any

from eap.actions.webserver.host import database
from eap.actions.webserver.host.archives import archive_name, beside, prune
from eap.actions.webserver.host.disk import (
    locked,
    private_folder,
    remove,
    sha256_of,
    sync_file,
    sync_folder,
    write_whole,
)
from eap.actions.webserver.host.gnupg import encrypting
from eap.actions.webserver.host.manifest import Head
from eap.actions.webserver.host.outer import DUMP, INNER, MANIFEST, write_outer
from eap.actions.webserver.host.pack import Packed, pack, require_site
from eap.actions.webserver.host.request import Request
from eap.actions.webserver.host.trouble import Trouble, say, state


def back_up(request: Request) -> str:
    """Make a backup and return what there is now, in a sentence.

    The archive appears under its name when it is whole, on the disk and described beside; what an earlier call left
    behind unfinished is removed. Files and database are not of the very same moment; the rows counted are the dump's.
    """
    require_site(request.site)
    if not request.archives.is_dir():
        raise Trouble(f"There is no folder {request.archives} on this host.")
    if not (request.crypt.passphrase or request.crypt.recipient_file):
        raise Trouble("A backup needs a passphrase or a public key to encrypt it with.")
    work = request.archives / f".{request.name}.work"
    with locked(request.archives / f".{request.name}.lock", seconds=request.seconds / 2):
        remove(work)
        for part in request.archives.glob(f"{request.name}-*.part"):
            remove(part)
        private_folder(work)
        try:
            return _back_up(request, work)
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _back_up(request: Request, work: Path) -> str:
    began = time.monotonic()
    now = datetime.now(timezone.utc)  # noqa: UP017 - Python 3.9 has no UTC
    dumped: dict[str, Any] = {}
    tables: dict[str, int] = {}
    if request.database is not None:
        sha256, size, tables = database.dump(request.database, work / DUMP)
        dumped = {"sha256": sha256, "size": size, "database": request.database.name}
        say(f"Dumped {request.database.name}: {sum(tables.values())} rows in {len(tables)} tables.")
    packed = _pack(request, work)
    say(f"Packed {packed.files} files, folders and links, {packed.bytes} bytes.")
    inner = {"sha256": sha256_of(work / INNER), "size": (work / INNER).stat().st_size}
    head = Head(
        name=request.name,
        made_at=now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        files=packed.files,
        bytes=packed.bytes,
        inner=inner,
        dump=dumped,
        tables=tables,
    )
    _join(work, head)
    archive = request.archives / archive_name(request.name, now)
    sha256 = _encrypt(request, work, archive, head)
    removed = prune(request.archives, request.name, keep=request.keep)
    size = archive.stat().st_size
    for name, value in (
        ("archive", archive.name),
        ("sha256", sha256),
        ("size", size),
        ("unpacked", head.unpacked),
        ("files", packed.files),
        ("tables", len(tables)),
        ("rows", sum(tables.values())),
        ("left_out", packed.left_out),
        ("removed", removed),
        ("took_s", round(time.monotonic() - began)),
    ):
        state(name, value)
    return f"{archive.name} holds {packed.files} files and {sum(tables.values())} rows in {size} bytes."


def _pack(request: Request, work: Path) -> Packed:
    with (work / INNER).open("xb") as archive, (work / "members").open("xb") as members:
        packed = pack(request.site, archive, members)
        sync_file(archive)
        return packed


def _join(work: Path, head: Head) -> None:
    with (work / MANIFEST).open("xb") as manifest, (work / "members").open("rb") as members:
        manifest.write(head.line())
        shutil.copyfileobj(members, manifest)
        sync_file(manifest)
    remove(work / "members")


def _encrypt(request: Request, work: Path, archive: Path, head: Head) -> str:
    """Write the archive and what describes it; return its SHA-256. Its name appears last."""
    if archive.exists():
        raise Trouble(f"{archive.name} is there already: two backups in one second.", passing=True)
    part = archive.with_name(f"{archive.name}.part")
    with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
        with encrypting(request.crypt, file, work=work) as stream:
            write_outer(stream, work)
        sync_file(file)
        sha256 = _read_back(file)
    said = {"sha256": sha256, "size": part.stat().st_size, "unpacked": head.unpacked, "made_at": head.made_at}
    write_whole(beside(archive), json.dumps({"site": request.name, **said}, indent=1).encode())
    part.rename(archive)
    sync_folder(archive.parent)
    return sha256


def _read_back(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()
