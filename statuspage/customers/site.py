"""Each customer's own static page, under a secret folder: their assets and what hits them, and nothing of anybody else.

There is a page for whoever's link was issued. Only those whose content changed are made anew, and only so many in one
publication that the status page itself never waits for them; the rest follow in the next ones (`unfinished`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from django.conf import settings

from statuspage.addresses import folder
from statuspage.customers.hits import Hit, customers_hit_by, hits_of
from statuspage.customers.shown import shown_hits
from statuspage.models import Asset, Customer, StatusPage
from statuspage.public_pages import shell
from statuspage.site.addresses import addresses_of
from statuspage.site.assets import assets_of
from statuspage.site.file import WHATEVER, File, Phase, Reuse, key_of
from statuspage.site.html import Pages
from statuspage.site.snapshot import languages_of
from statuspage.site.stamp import Stamp
from statuspage.site.words import IMPACT, STATUS, Told

BUDGET_S: Final = 0.5
"""For pages that changed, in one publication: customers of the status page itself wait no longer for these."""
AT_ONCE: Final = 200
T = TypeVar("T")
HTML: Final = "text/html; charset=utf-8"

_postponed: Final[set[str]] = set()
"""Status pages (ids) with customers' pages that are still to be made."""


def unfinished() -> bool:
    """Tell whether the last publication left pages for the next one."""
    return bool(_postponed)


@dataclass(frozen=True, kw_only=True)
class _Due:
    """A customer whose page is out of date: where it lies, and what it is made from."""

    customer: int
    path: str
    key: str
    hits: tuple[Hit, ...]


def files(page: StatusPage, now: datetime, reuse: Reuse) -> Iterator[File]:
    """Yield the customers' pages of a status page that changed, until the time for them is used up.

    What is postponed stays as it was published. A publication that nobody reuses from makes as many as there is time.
    """
    due = [each for each in _wanted(page, now) if not reuse(each.path, each.key)]
    deadline = time.monotonic() + BUDGET_S
    _postponed.discard(page.pk)
    pages = _frames(page, now)
    for group in _grouped(due, AT_ONCE):
        if time.monotonic() < deadline:
            yield from _made(group, pages)
        else:
            _postponed.add(page.pk)
            for each in group:
                reuse(each.path, WHATEVER)


def folder_of(page: StatusPage, secret: str) -> str:
    """Return where a customer's page lies under the root of the published tree."""
    return f"{folder(page)}customers/{secret}/"


def _wanted(page: StatusPage, now: datetime) -> Iterator[_Due]:
    """Yield every page that should be there, with the key of what it shows."""
    hitting: dict[int, list[Hit]] = {}
    issued = Customer.objects.filter(page=page, issued_at__isnull=False)
    hits_now = hits_of(page.pk, now)
    for hit in hits_now:
        for pk in customers_hit_by(page.pk, hit).filter(issued_at__isnull=False).values_list("pk", flat=True):
            hitting.setdefault(pk, []).append(hit)
    told = {hit.id: _told(hit) for hit in hits_now}
    rows = list(issued.order_by("pk").values_list("pk", "secret_digest", "updated_at"))
    secrets = _secrets({pk: digest or "" for pk, digest, _at in rows})
    for pk, _digest, updated_at in rows:
        hits = tuple(hitting.get(pk, ()))
        key = key_of(page.updated_at, updated_at, [told[hit.id] for hit in hits])
        yield _Due(customer=pk, path=f"{folder_of(page, secrets[pk])}index.html", key=key, hits=hits)


def _told(hit: Hit) -> str:
    """Return a digest of all that a page says of a hit."""
    where = (sorted(hit.servers), sorted(hit.components))
    when = (hit.started_at, hit.scheduled_for, hit.scheduled_until)
    return key_of(hit.id, hit.version, hit.name, sorted(hit.names.items()), hit.status, hit.impact, where, when)


_known_secrets: Final[dict[int, tuple[str, str]]] = {}
"""Digest and secret by customer: to decrypt 20,000 takes a second, each publication anew."""


def _secrets(digests: dict[int, str]) -> dict[int, str]:
    missing = [pk for pk, digest in digests.items() if _known_secrets.get(pk, ("", ""))[0] != digest]
    for group in _grouped(missing, 1000):
        for pk, digest, secret in Customer.objects.filter(pk__in=group).values_list("pk", "secret_digest", "secret"):
            _known_secrets[pk] = (digest or "", secret)
    return {pk: _known_secrets[pk][1] for pk in digests}


def _frames(page: StatusPage, now: datetime) -> dict[str, Pages]:
    """Return what fills the template in each of the page's languages."""
    frame = shell(page, now=now, folder=folder(page))
    addresses = addresses_of(frame, base_url=settings.STATUS_URL, public_url=settings.PUBLIC_URL)
    assets, _files = assets_of(frame)
    stamp = Stamp(generated_at=now, generation=0)
    return {
        language: Pages(frame, language, addresses=addresses, assets=assets, stamp=stamp)
        for language in languages_of(page)
    }


def _grouped(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


@dataclass(frozen=True, kw_only=True)
class ShownAsset:
    """A domain or an account, the server it lives on ("" for none), and how it is."""

    name: str
    server: str
    state: Told


def _made(group: Sequence[_Due], frames: dict[str, Pages]) -> Iterator[File]:
    customers = Customer.objects.defer("secret").in_bulk([each.customer for each in group])
    assets: dict[int, list[Asset]] = {}
    found = Asset.objects.filter(customer__in=customers).select_related("server")
    for asset in found.prefetch_related("components", "server__components").order_by("kind", "name"):
        assets.setdefault(asset.customer_id, []).append(asset)
    for each in group:
        customer = customers.get(each.customer)
        if customer is not None:
            own = next(iter(frames))
            pages = frames.get(customer.language, frames[own])
            yield File(
                path=each.path,
                body=_body(pages, customer, assets.get(customer.pk, []), each),
                content_type=HTML,
                phase=Phase.DETAILS,
                key=each.key,
            )


def _body(pages: Pages, customer: Customer, assets: Sequence[Asset], due: _Due) -> bytes:
    place = due.path.removeprefix(pages.page.folder)
    with pages.speaking():
        shown = shown_hits(due.hits, pages.language)
        return pages.render(
            "statuspage/site/customer.html",
            place,
            live=False,
            private=True,
            customer=customer,
            now_hit=[hit for hit in shown if not hit.planned],
            planned=[hit for hit in shown if hit.planned],
            assets_shown=[_shown(asset, due.hits) for asset in assets],
        )


def _shown(asset: Asset, hits: Sequence[Hit]) -> ShownAsset:
    server = asset.server
    under = [component.pk for component in server.components.all()] if server else []
    own = [component.pk for component in asset.components.all()]
    hitting = [
        hit
        for hit in hits
        if not hit.planned and hit.hits(server=asset.server_id, server_components=under, components=own)
    ]
    state = IMPACT[hitting[0].impact] if hitting else STATUS["operational"]
    return ShownAsset(name=asset.name, server=server.name if server else "", state=state)
