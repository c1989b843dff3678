"""From a snapshot to the files of a page, in the order in which they are written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.conf import settings

from statuspage.site import api
from statuspage.site.addresses import Addresses, addresses_of
from statuspage.site.assets import Assets, assets_of
from statuspage.site.file import File, Phase, Reuse, never
from statuspage.site.front import front
from statuspage.site.html import Pages
from statuspage.site.snapshot import PageSnapshot
from statuspage.site.stamp import Stamp

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
    for path, body in api.bodies(page, addresses):
        yield File(path=page.folder + path, body=body, content_type=JSON, phase=Phase.JSON)
    for language in page.languages:
        yield from _front(page, language, addresses, assets, stamp)


def _front(page: PageSnapshot, language: str, addresses: Addresses, assets: Assets, stamp: Stamp) -> Iterator[File]:
    pages = Pages(page, language, addresses=addresses, assets=assets, stamp=stamp)
    with pages.speaking():
        body = front(pages)
    path = f"{page.folder}{pages.where}index.html"
    yield File(path=path, body=body, content_type=HTML, phase=Phase.INDEX)
