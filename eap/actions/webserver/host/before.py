"""Before the twelve: which archive, is there room, is it whole, and what leads back if all else fails."""

from __future__ import annotations

from pathlib import Path

from eap.actions.webserver.host import archives, database
from eap.actions.webserver.host.disk import free_bytes, private_folder, remove, sha256_of, sync_folder
from eap.actions.webserver.host.journal import Journal, Places
from eap.actions.webserver.host.request import Request
from eap.actions.webserver.host.trouble import Refused, Trouble, say, state

TIMES = 3
"""So often has what is unpacked to fit: the outer archive's parts, what comes out of them, and what is set aside."""


def choose(request: Request, places: Places, journal: Journal) -> str:  # noqa: ARG001 - the face of a step
    """Choose the restore point: the archive that was named, or the newest; once chosen it stays for this run."""
    if journal.noted("archive"):
        found = archives.choose(request.archives, request.name, str(journal.noted("archive")))
    else:
        for each in archives.archives_of(request.archives, request.name)[:10]:
            say(f"{each.path.name}  {each.size} bytes")
        found = archives.choose(request.archives, request.name, request.archive)
    if request.sha256 and found.sha256 and request.sha256 != found.sha256:
        raise Refused(f"The checksum beside {found.path.name} is not the one that was given.")
    sha256 = request.sha256 or found.sha256
    if not sha256:
        raise Refused(f"The checksum of {found.path.name} is not known: give it, or choose another archive.")
    journal.note(
        archive=found.path.name, sha256=sha256, size=found.size, unpacked=found.unpacked, made_at=found.made_at
    )
    state("archive", found.path.name)
    state("made_at", found.made_at)
    state("sha256", sha256)
    state("size", found.size)
    return f"The restore point is {found.path.name}, made at {found.made_at}."


def space(request: Request, places: Places, journal: Journal) -> str:  # noqa: ARG001 - the face of a step
    """Look whether three times what the archive unpacks to is free beside the site."""
    size, unpacked = int(journal.noted("size")), int(journal.noted("unpacked"))
    needed, free = TIMES * max(size, unpacked), free_bytes(places.state)
    state("needed", needed)
    state("free", free)
    if free < needed:
        raise Trouble(
            f"{places.site.parent} has {free} bytes free; {needed} are needed (three times what is unpacked)."
        )
    return f"{free} bytes are free, {needed} are needed."


def checksum(request: Request, places: Places, journal: Journal) -> str:  # noqa: ARG001 - the face of a step
    """Compare the archive's checksum with the one of when it was made."""
    archive = request.archives / str(journal.noted("archive"))
    if not archive.is_file():
        raise Trouble(f"{archive} is not there any more.")
    found = sha256_of(archive)
    state("sha256", found)
    if found != journal.noted("sha256"):
        raise Refused(f"{archive.name} is not what it was when it was made: its checksum differs.")
    return f"The checksum of {archive.name} is right."


def safety(request: Request, places: Places, journal: Journal) -> str:
    """Dump the present database, and prove that the present site can be put aside by renaming it.

    The site itself keeps its place until its successor takes it (step 10), so whatever is refused until then leaves
    it as it was.
    """
    _can_be_set_aside(places)
    rows = 0
    if request.database is not None and not journal.noted("safety_rows"):
        remove(places.safety)
        part = places.safety.with_name("database-before.part")
        remove(part)
        try:
            _sha256, _size, tables = database.dump(request.database, part)
        except Trouble as trouble:
            if request.must_dump:
                raise Trouble(f"The present database could not be dumped. {trouble.sentence}") from trouble
            say(f"The present database could not be dumped; it goes on without. {trouble.sentence}")
        else:
            part.rename(places.safety)
            sync_folder(places.state)
            rows = sum(tables.values())
            journal.note(safety_rows=rows)
    state("safety_dump", places.safety.exists())
    state("rows", rows or int(journal.noted("safety_rows") or 0))
    dumped = "The present database is dumped" if places.safety.exists() else "No database was dumped"
    return f"{dumped} and the site can be set aside; both stay in {places.state}."


def _can_be_set_aside(places: Places) -> None:
    site = places.site
    if site.is_symlink():
        raise Trouble(f"{site} is a link; name the folder that it leads to.")
    if site.exists() and not site.is_dir():
        raise Trouble(f"{site} is no folder.")
    if site.is_mount() or places.state.stat().st_dev != (site if site.exists() else site.parent).stat().st_dev:
        raise Trouble(f"{site} is a file system of its own and can't be replaced by renaming.")
    probe = private_folder(places.state / "probe")
    moved = Path(f"{site}.muster-probe")
    try:
        probe.rename(moved)
        moved.rename(probe)
    except OSError as error:
        raise Trouble(f"Folders beside {site} can't be renamed ({error.strerror}).") from error
    finally:
        for each in (probe, moved):
            if each.is_dir():
                each.rmdir()
