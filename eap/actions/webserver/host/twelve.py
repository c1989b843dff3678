"""The twelve steps, in their fixed order. Each may be killed anywhere and called again: it looks what is there first.

A delete comes only after what came out of the thing was found to be what the manifest says; gone already is done.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from eap.actions.webserver.host import database, nginx, outer
from eap.actions.webserver.host.disk import private_folder, remove, sync_folder
from eap.actions.webserver.host.gnupg import decrypting
from eap.actions.webserver.host.journal import Journal, Places, end_alone
from eap.actions.webserver.host.manifest import Head, head_of
from eap.actions.webserver.host.request import Request, Web
from eap.actions.webserver.host.site_files import compare, examine, extract
from eap.actions.webserver.host.trouble import Refused, Trouble, shown, state


def copy(request: Request, places: Places, journal: Journal) -> str:
    """1. Copy the archive to the temporary folder; what is copied has to have its checksum."""
    private_folder(places.temp)
    if not places.archive.exists():
        found = outer.copy_hashed(request.archives / str(journal.noted("archive")), places.archive)
        if found != journal.noted("sha256"):
            remove(places.archive)
            raise Refused("The copied archive is not what it was when it was made: its checksum differs.")
    state("bytes", places.archive.stat().st_size)
    return f"Copied {journal.noted('archive')}."


def unpack(request: Request, places: Places, journal: Journal) -> str:  # noqa: ARG001 - the face of a step
    """2. Decrypt and extract the outer archive, and read all that it holds to the end.

    The site's archive is examined here, because what is refused has to be refused before anything is touched.
    """
    if not places.outer.exists():
        part = places.temp / "outer.part"
        remove(part)
        private_folder(part)
        try:
            open_archive(request, places.archive, part)
        except Refused:
            remove(part)
            raise
        remove(places.manifest)
        shutil.copyfile(part / outer.MANIFEST, places.manifest)
        part.rename(places.outer)
        sync_folder(places.temp)
        sync_folder(places.state)
    head = head_of(places.manifest)
    state("files", head.files)
    state("rows", sum(head.tables.values()))
    return f"The archive holds {head.files} files and {sum(head.tables.values())} rows, all as its manifest says."


def open_archive(request: Request, archive: Path, into: Path) -> Head:
    """Decrypt an archive into an empty folder and read all of it to the end; return its manifest's head.

    Raises `Refused` with the reason; nothing of the site's own files was written then.
    """
    with decrypting(request.crypt, archive) as stream:
        outer.read_outer(stream, into, request.limits)
    head = outer.verify_outer(into)
    if head.name != request.name:
        raise Refused(f"The archive is one of {shown(head.name)}, not of {request.name}.")
    if (request.database is None) == bool(head.dump):
        raise Refused(f"The archive holds {'a' if head.dump else 'no'} database; the call says otherwise.")
    if request.database is not None:
        database.require_dump(request.database, into / outer.DUMP)
    examine(into / outer.INNER, into / outer.MANIFEST, request.limits, request.site)
    return head


def delete_archive(request: Request, places: Places, journal: Journal) -> str:  # noqa: ARG001 - the face of a step
    """3. Delete the copied archive, once what came out of it is as the manifest says."""
    if places.archive.exists():
        outer.verify_outer(places.outer)
        remove(places.archive)
        sync_folder(places.temp)
    return "The copied archive is deleted; what came out of it is whole."


def stop(request: Request, places: Places, journal: Journal) -> str:  # noqa: ARG001 - the face of a step
    """4. Stop the web server."""
    web = _web(request)
    nginx.stop(web)
    return f"The web server is stopped, port {web.port} refuses."


def restore(request: Request, places: Places, journal: Journal) -> str:  # noqa: ARG001 - the face of a step
    """5. Restore the database from the dump, and count its rows. From here there is no way back but the safety dump."""
    if request.database is None:
        return "This site has no database."
    head = outer.verify_outer(places.outer)
    database.restore(request.database, places.dump)
    rows = database.compare_rows(request.database, head.tables)
    state("tables", len(head.tables))
    state("rows", rows)
    return f"The database is restored: {rows} rows in {len(head.tables)} tables, as the manifest says."


def mark(request: Request, places: Places, journal: Journal) -> str:  # noqa: ARG001 - the face of a step
    """6. Record the restore in the database; the run's record gets the same date."""
    if request.database is None:
        return "This site has no database; the run's record keeps the date."
    at = database.mark(request.database, request.run, str(journal.noted("archive")))
    state("restored_at", at)
    state("archive", str(journal.noted("archive")))
    return f"The database knows that it was restored at {at}."


def delete_dump(request: Request, places: Places, journal: Journal) -> str:  # noqa: ARG001 - the face of a step
    """7. Delete the dump, once the database has the rows that the manifest says."""
    if request.database is not None and places.dump.exists():
        database.compare_rows(request.database, head_of(places.manifest).tables)
        remove(places.dump)
        sync_folder(places.outer)
    return "The dump is deleted; the database has its rows."


def unpack_site(request: Request, places: Places, journal: Journal) -> str:  # noqa: ARG001 - the face of a step
    """8. Extract the nested archive into an empty folder beside the site."""
    part = places.temp / "site.part"
    if not places.staged.exists():
        extract(places.inner, places.manifest, request.limits, places.site, part)
        part.rename(places.staged)
        sync_folder(places.temp)
    return f"Extracted {head_of(places.manifest).files} files, folders and links."


def delete_inner(request: Request, places: Places, journal: Journal) -> str:  # noqa: ARG001 - the face of a step
    """9. Delete the nested archive, once the files are on the disk as the manifest says."""
    if places.inner.exists():
        compare(places.staged, places.manifest)
        journal.note(inode=places.staged.stat().st_ino)
        remove(places.inner)
        sync_folder(places.outer)
    return "The nested archive is deleted; what came out of it is whole."


def replace(request: Request, places: Places, journal: Journal) -> str:  # noqa: ARG001 - the face of a step
    """10. Replace the site's files: the present ones are renamed aside, the restored ones into their place."""
    if places.staged.exists():
        if places.site.exists():
            if places.aside.exists():
                raise Trouble(f"{places.site} and {places.aside} are both there; somebody has to look.")
            places.site.rename(places.aside)
            sync_folder(places.state)
        places.staged.rename(places.site)
        sync_folder(places.site.parent)
        sync_folder(places.temp)
    if not places.site.is_dir() or places.site.stat().st_ino != journal.noted("inode"):
        raise Trouble(f"{places.site} is not the folder that was restored; somebody has to look.")
    return f"The restored files are in their place; those of before are in {places.aside}."


def delete_temp(request: Request, places: Places, journal: Journal) -> str:  # noqa: ARG001 - the face of a step
    """11. Delete the temporary folder."""
    if places.temp.exists():
        if places.site.stat().st_ino != journal.noted("inode"):
            raise Trouble(f"{places.site} is not the folder that was restored; the temporary folder stays.")
        remove(places.temp)
        sync_folder(places.state)
    return "The temporary folder is deleted."


def start(request: Request, places: Places, journal: Journal) -> str:  # noqa: ARG001 - the face of a step
    """12. Start the web server and have the database read its configuration anew."""
    web = _web(request)
    nginx.start(web)
    if request.database is not None:
        state("database_reloaded", database.reload(request.database))
    end_alone(places)
    return f"The web server answers on port {web.port}."


def _web(request: Request) -> Web:
    if request.web is None:
        raise Trouble("The restore does not say which web server this is (`web`).")
    return request.web
