"""After the twelve: what customers get, what is on the disk and in the database. And the way back before step 5."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request

from eap.actions.webserver.host import database, nginx
from eap.actions.webserver.host.disk import remove, sync_folder
from eap.actions.webserver.host.journal import STEPS, Journal, Places, end_alone
from eap.actions.webserver.host.manifest import head_of, reading
from eap.actions.webserver.host.request import Request
from eap.actions.webserver.host.site_files import compare
from eap.actions.webserver.host.trouble import Trouble, state

LARGEST_PAGE = 50_000_000


def check(request: Request, places: Places, journal: Journal) -> str:
    """Compare the site with the manifest: files by content, rows by table, and what the web server answers.

    Tables may have more rows by now; the site is open again.
    """
    head = head_of(places.manifest)
    files = compare(places.site, places.manifest)
    state("files", files)
    said = [f"{files} files as in the archive"]
    if request.database is not None:
        rows = database.compare_rows(request.database, head.tables, more=True)
        state("rows", rows)
        said.append(f"{rows} rows in {len(head.tables)} tables")
    if request.address:
        said.append(_page(request, places))
    state("archive", str(journal.noted("archive")))
    state("sha256", str(journal.noted("sha256")))
    return f"It is back: {', '.join(said)}."


def _page(request: Request, places: Places) -> str:
    try:
        with urllib.request.urlopen(request.address, timeout=20) as answer:  # noqa: S310 - checked by the inputs
            status, body = answer.status, answer.read(LARGEST_PAGE)
    except (urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise Trouble(f"{request.address} does not answer ({reason}).", passing=True) from error
    state("http_status", status)
    if status != 200:
        raise Trouble(f"{request.address} answers {status}.")
    if request.page:
        with reading(places.manifest) as lines:
            wanted = next((member.sha256 for member in lines if member.path == request.page), "")
        if not wanted:
            raise Trouble(f"The archive has no file {request.page} to compare the answer with.")
        if hashlib.sha256(body).hexdigest() != wanted:
            raise Trouble(f"{request.address} answers with something else than {request.page} of the archive.")
        return f"{request.address} answers with {request.page}"
    return f"{request.address} answers {status}"


def undo(request: Request, places: Places, journal: Journal) -> str:
    """Take a step back, as long as the database was not overwritten: the site runs again as it was before."""
    step = request.step
    if journal.done("database") or STEPS.index(step) >= STEPS.index("database"):
        raise Trouble(f"The database is overwritten; what leads back now lies in {places.state}.")
    if step == "stop" and request.web is not None:
        nginx.start(request.web)
        end_alone(places)
    if step in ("copy", "unpack", "delete_archive"):
        # An unpacked archive without its copy is no place to go on from.
        remove(places.temp)
        remove(places.manifest)
        sync_folder(places.state)
        journal.take_back("copy", "unpack", "delete_archive")
    journal.take_back(step)
    return f"“{step}” is taken back."
