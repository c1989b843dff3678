"""Try a restore in a scratch place: what comes out is compared with the manifest, and nothing of it stays."""

from __future__ import annotations

import re
import time
from datetime import datetime, timezone
from pathlib import Path

from eap.actions.webserver.host import archives, database, outer
from eap.actions.webserver.host.disk import free_bytes, locked, private_folder, remove, require_closed, write_whole
from eap.actions.webserver.host.request import Request
from eap.actions.webserver.host.site_files import compare, extract
from eap.actions.webserver.host.trouble import Refused, Trouble, say, state
from eap.actions.webserver.host.twelve import open_archive

PREFIX = "muster_try_"
_OURS = re.compile(PREFIX + r"[0-9a-f]{1,40}")


def try_restore(request: Request) -> str:
    """Restore the newest archive (or the one that is named) into `scratch` and an empty database made for it.

    The site and its database are never touched: the folder has to lie elsewhere, the database has a name of its own.
    What an earlier call left behind when it was killed is removed first. Raises `Trouble` with what did not work.
    """
    scratch = request.scratch
    if scratch == request.site or request.site in scratch.parents or scratch in request.site.parents:
        raise Trouble(f"{scratch} and the site {request.site} lie in each other; a test needs a place of its own.")
    scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    require_closed(scratch)
    base = private_folder(scratch / f"muster-{request.name}")
    with locked(base / "lock", seconds=request.seconds / 2):
        _clear(request, base)
        try:
            return _try(request, base)
        finally:
            _clear(request, base)


def _try(request: Request, base: Path) -> str:
    began = time.monotonic()
    found = archives.choose(request.archives, request.name, request.archive)
    state("archive", found.path.name)
    state("made_at", found.made_at)
    _young_enough(request, found)
    needed, free = 3 * max(found.size, found.unpacked), free_bytes(base)
    if free < needed:
        raise Trouble(f"{base} has {free} bytes free; {needed} are needed (three times what is unpacked).")
    work = private_folder(base / "work")
    if outer.copy_hashed(found.path, work / "archive") != (request.sha256 or found.sha256):
        raise Refused(f"{found.path.name} is not what it was when it was made: its checksum differs or is not known.")
    unpacked = private_folder(work / "outer")
    head = open_archive(request, work / "archive", unpacked)
    say(f"{found.path.name} opens, and holds what its manifest says.")
    extract(unpacked / outer.INNER, unpacked / outer.MANIFEST, request.limits, request.site, work / "site")
    files = compare(work / "site", unpacked / outer.MANIFEST)
    say(f"{files} files, folders and links came out as they should.")
    rows = 0
    if request.database is not None and request.scratch_database:
        name = PREFIX + re.sub("[^0-9a-f]", "", request.run)[:40].ljust(1, "0")
        write_whole(base / "database", name.encode())
        database.create(request.database, name)
        database.restore(request.database, unpacked / outer.DUMP, name=name)
        rows = database.compare_rows(request.database, head.tables, name=name)
        say(f"{rows} rows came out as they should.")
    took = round(time.monotonic() - began)
    for fact, value in (("sha256", found.sha256), ("files", files), ("rows", rows), ("took_s", took)):
        state(fact, value)
    return (
        f"{found.path.name} can be restored: {files} files and {rows} rows came out as its manifest says, in {took} s."
    )


def _young_enough(request: Request, found: archives.Archive) -> None:
    made = datetime.fromisoformat(found.made_at.replace("Z", "+00:00"))
    hours = int((datetime.now(timezone.utc) - made).total_seconds() // 3600)  # noqa: UP017 - Python 3.9 has no UTC
    state("age_h", hours)
    if request.oldest_hours and hours > request.oldest_hours and not request.archive:
        raise Trouble(f"The newest archive of {request.name} is {hours} hours old; {request.oldest_hours} are allowed.")


def _clear(request: Request, base: Path) -> None:
    """Remove folder and database of a test; the database's name is kept on the disk before it is made."""
    named = base / "database"
    if named.exists() and request.database is not None:
        name = named.read_text("utf-8").strip()
        if _OURS.fullmatch(name) and name != request.database.name:
            database.drop(request.database, name)
        remove(named)
    remove(base / "work")
