"""Make the files of a new generation: every page of the public tree and whatever the registered sources add.

Contents go to disk as they are made, so that memory stays flat however many there are; readers see nothing of them yet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils.html import escape

from statuspage.addresses import folder
from statuspage.models import StatusPage
from statuspage.publishing import sources
from statuspage.publishing.manifest import Entry, Manifest
from statuspage.publishing.tree import Tree, checked
from statuspage.site.file import WHATEVER, File, Phase
from statuspage.site.render import render_page
from statuspage.site.snapshot import PageSnapshot, load

ASSETS_STAY: Final = timedelta(hours=1)
"""How long an asset outlives the last page that names it: a reader or a cache may hold that page for a while."""
GONE: Final = "gone since "
MADE_BY: Final = ("site", "templates/statuspage/site", "static/statuspage/site", "locale", "publishing", "customers")
"""Folders of this app whose code and texts decide what the files say."""


log = structlog.get_logger(__name__)

NOT_FOUND: Final = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Not found</title>
<style>
body {{ max-width: 40rem; margin: 18vh auto; padding: 0 1.25rem; font: 1.1rem/1.55 system-ui, sans-serif; }}
</style>
</head>
<body><h1>There is no such page</h1><p><a href="{home}">See the current status</a></p></body>
</html>
"""
"""Readers get it at whatever depth they asked for something, so it refers to no file beside it."""


NOT_FOUND_PATH: Final = "404.html"

unwell: Final[set[str]] = set()
"""Pages that this process could not render the last time."""


class Build:
    """The files of one generation, being made beside the tree's present ones."""

    def __init__(self, tree: Tree, *, generation: int, shows: int, now: datetime, afresh: bool = False) -> None:
        self.tree = tree
        self._old = tree.manifest()
        self._generation = generation
        self._shows = shows
        self._now = now
        self._renderer = renderer()
        self._trusted = not afresh
        self._may_reuse = not afresh and self._old.renderer == self._renderer
        self.files: dict[str, Entry] = {}

    def reuse(self, path: str, key: str) -> bool:
        """Tell whether the published file of this path was made from `key` and is whole; it then stays."""
        entry = self._old.files.get(path)
        if entry is None or not key or not self.tree.stands(path, entry):
            return False
        fits = self._trusted if key == WHATEVER else self._may_reuse and entry.key == key
        if not fits:
            return False
        # What another version of the code made stays for now, and is made anew when somebody asks by its key.
        self._claim(path, entry if self._may_reuse else replace(entry, key=""))
        return True

    def add(self, files: Iterable[File]) -> None:
        """Keep files. Raises UnfitPath, and ValueError for a path given twice."""
        for file in files:
            entry = self.tree.keep(file.body, kind=file.content_type, phase=int(file.phase), key=file.key)
            self._claim(file.path, entry)

    def leave(self, folder: str) -> None:
        """Let a page's files stand as they were published last, whatever of it was made by now."""
        for path in [path for path in self.files if _lies_in(path, folder)]:
            del self.files[path]
        for path, entry in self._old.files.items():
            if _lies_in(path, folder) and self.tree.stands(path, entry):
                self.files[path] = replace(entry, key="")

    def finished(self) -> Manifest:
        """Return the new generation, with the old one's assets for as long as a reader may ask for them.

        Those of a page that is no more go with it: its folder may be a secret that was taken back.
        """
        pages = {path.rpartition("index.html")[0] for path in self.files if path.endswith("index.html")}
        for path, entry in self._old.files.items():
            if path in self.files or entry.phase != int(Phase.ASSETS) or path.rpartition("assets/")[0] not in pages:
                continue
            since = entry.key if entry.key.startswith(GONE) else f"{GONE}{self._now.isoformat()}"
            gone = datetime.fromisoformat(since.removeprefix(GONE))
            if self._now - gone < ASSETS_STAY and self.tree.stands(path, entry):
                self.files[path] = replace(entry, key=since)
        return Manifest(
            generation=self._generation,
            generated_at=self._now,
            shows=self._shows,
            renderer=self._renderer,
            files=self.files,
        )

    def _claim(self, path: str, entry: Entry) -> None:
        if self.files.setdefault(checked(path), entry) is not entry:
            raise ValueError(f"Two files of the status page are called {path!r}.")


def build(tree: Tree, *, generation: int, shows: int, now: datetime, afresh: bool = False) -> Manifest:
    """Render every page that may lie in the public tree and return the new generation, kept but not yet swapped in.

    `now` is what every file says of its age. With `afresh` nothing of the old generation is trusted. A password page is
    never among them. A page that can't be rendered keeps what was published of it last and is counted in `unwell`.
    """
    under_way = Build(tree, generation=generation, shows=shows, now=now, afresh=afresh)
    pages = StatusPage.objects.filter(archived_at=None).exclude(audience=StatusPage.Audience.PASSWORD)
    unwell.clear()
    for page in pages.order_by("slug", "id"):
        try:
            _add_page(under_way, page, generation=generation, now=now)
        except (OperationalError, InterfaceError, OSError):
            raise  # it would be the same for every page, and is tried again
        except Exception:  # one page's fault may not keep the others' news from their readers
            log.exception("page_not_rendered", page=page.id)
            unwell.add(page.id)
            under_way.leave(folder(page))
    under_way.add([_not_found()])
    return under_way.finished()


def _lies_in(path: str, place: str) -> bool:
    """Tell whether a file belongs to the page of this folder; the one at the root has what is in no other page's, but
    for the answer to wrong addresses, which is the tree's own."""
    return path.startswith(place) if place else path != NOT_FOUND_PATH and not path.startswith("pages/")


def _not_found() -> File:
    body = NOT_FOUND.format(home=escape(f"{settings.STATUS_URL.rstrip('/')}/")).encode()
    return File(path=NOT_FOUND_PATH, body=body, content_type="text/html; charset=utf-8", phase=Phase.DETAILS)


def _add_page(under_way: Build, page: StatusPage, *, generation: int, now: datetime) -> None:
    under_way.add(
        render_page(
            consistent(page.id, now=now),
            generated_at=now,
            generation=generation,
            base_url=settings.STATUS_URL,
            reuse=under_way.reuse,
        )
    )
    for source in sources.registered():
        under_way.add(source.files(page, now, under_way.reuse))


def consistent(page_id: str, *, now: datetime) -> PageSnapshot:
    """Read a page as of one moment, in a short transaction of its own where the caller has none."""
    if connection.in_atomic_block:
        return load(page_id, now=now)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return load(page_id, now=now)


@cache
def renderer() -> str:
    """Return a digest of the code, texts and settings that make the files: another one, and nothing is reused."""
    found = hashlib.sha256(f"{settings.STATUS_URL} {settings.PUBLIC_URL}".encode())
    app = Path(__file__).resolve().parent.parent
    for part in MADE_BY:
        for path in sorted((app / part).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                found.update(str(path.relative_to(app)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()
