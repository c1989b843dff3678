"""From a snapshot to the files of a page, in the order in which they are written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.conf import settings

from statuspage.site import api
from statuspage.site.addresses import addresses_of
from statuspage.site.assets import assets_of
from statuspage.site.badges import badges
from statuspage.site.details import details
from statuspage.site.feeds import feeds
from statuspage.site.file import File, Phase, Reuse, never
from statuspage.site.front import front
from statuspage.site.html import Pages
from statuspage.site.keys import Keys
from statuspage.site.maintenance_calendar import calendar
from statuspage.site.snapshot import PageSnapshot
from statuspage.site.stamp import Stamp
from statuspage.site.widget import frame, script

HTML: Final = "text/html; charset=utf-8"
JSON: Final = "application/json; charset=utf-8"


def render_page(
    page: PageSnapshot, *, generated_at: datetime, generation: int, base_url: str, reuse: Reuse = never
) -> Iterator[File]:
    """Yield the files of a page, those of a lower phase first; paths are relative to the root of the tree.

    `base_url` is where that root is read. What `reuse` keeps is not yielded. Nothing is read from the database.
    """
    stamp = Stamp(generated_at=generated_at, generation=generation)
    addresses = addresses_of(page, base_url=base_url, public_url=settings.PUBLIC_URL)
    assets, files = assets_of(page)
    yield from files
    keys = Keys(page, addresses=addresses, assets=assets)
    languages = [Pages(page, language, addresses=addresses, assets=assets, stamp=stamp) for language in page.languages]
    for pages in languages:
        yield from _details(pages, keys, reuse)
    for path, kind, body in _machine_readable(languages):
        yield File(path=page.folder + path, body=body, content_type=kind, phase=Phase.JSON)
    for pages in languages:
        with pages.speaking():
            body = front(pages)
        yield File(path=f"{page.folder}{pages.where}index.html", body=body, content_type=HTML, phase=Phase.INDEX)


def _machine_readable(languages: list[Pages]) -> Iterator[tuple[str, str, bytes]]:
    """Yield path, content type and body of what programs read, in the page's own language."""
    own = languages[0]
    yield from ((path, JSON, body) for path, body in api.bodies(own.page, own.addresses))
    with own.speaking():
        made = [
            *feeds(own),
            ("maintenance.ics", "text/calendar; charset=utf-8", calendar(own)),
            *((path, "image/svg+xml", body) for path, body in badges(own)),
            ("widget.html", HTML, frame(own)),
        ]
    yield from made
    yield "widget.js", "text/javascript; charset=utf-8", script(languages)


def _details(pages: Pages, keys: Keys, reuse: Reuse) -> Iterator[File]:
    for detail in details(pages, keys):
        path = f"{pages.page.folder}{pages.where}{detail.path}"
        if detail.key and reuse(path, detail.key):
            continue
        # Spoken for each file alone: whoever takes the files may speak another language in between.
        with pages.speaking():
            body = detail.make()
        yield File(path=path, body=body, content_type=HTML, phase=Phase.DETAILS, key=detail.key)
