"""Customers and servers as CSV, in the columns of the import; no spreadsheet takes what they hold for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Final

from django.db.models import QuerySet

from statuspage.customers.columns import CUSTOMER_COLUMNS, LIST_SEPARATOR, SERVER_COLUMNS
from statuspage.models import Asset, Customer, Server, StatusPage, Subscriber
from web.formulas import guarded

AT_ONCE: Final = 1000


def customer_lines(page: StatusPage) -> Iterator[bytes]:
    """Yield the file of a page's customers in pieces: a line for each asset, one for a customer without any."""
    yield from _written([[column.name for column in CUSTOMER_COLUMNS]], bom=True)
    notified = set(
        Subscriber.objects.filter(page=page, state=Subscriber.State.ACTIVE, customer__isnull=False).values_list(
            "customer_id", flat=True
        )
    )
    rows = Customer.objects.filter(page=page).defer("secret").order_by("number")
    for group in _grouped(rows):
        yield from _written(_customer_rows(group, notified))


def server_lines(page: StatusPage) -> Iterator[bytes]:
    """Yield the file of a page's servers in pieces."""
    yield from _written([[column.name for column in SERVER_COLUMNS]], bom=True)
    rows = Server.objects.filter(page=page, archived_at=None).prefetch_related("components").order_by("name")
    for server in rows.iterator(chunk_size=AT_ONCE):
        yield from _written([[server.name, _listed(component.pk for component in server.components.all())]])


def _customer_rows(customers: list[Customer], notified: set[int]) -> Iterator[list[str]]:
    assets: dict[int, list[Asset]] = {}
    found = Asset.objects.filter(customer__in=customers).select_related("server").prefetch_related("components")
    for asset in found.order_by("kind", "name"):
        assets.setdefault(asset.customer_id, []).append(asset)
    for customer in customers:
        notify = "yes" if customer.pk in notified else ""
        head = [customer.number, customer.name, customer.email, customer.language, notify]
        for asset in assets.get(customer.pk, []):
            server = asset.server.name if asset.server else ""
            components = _listed(component.pk for component in asset.components.all())
            yield [*head, asset.kind, asset.name, server, components]
        if customer.pk not in assets:
            yield [*head, "", "", "", ""]


def _grouped(rows: QuerySet[Customer]) -> Iterator[list[Customer]]:
    group: list[Customer] = []
    for row in rows.iterator(chunk_size=AT_ONCE):
        group.append(row)
        if len(group) == AT_ONCE:
            yield group
            group = []
    if group:
        yield group


def _listed(ids: Iterable[str]) -> str:
    return LIST_SEPARATOR.join(sorted(ids))


def _written(rows: Iterable[list[str]], *, bom: bool = False) -> Iterator[bytes]:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows([[guarded(field) for field in row] for row in rows])
    yield ("\ufeff" if bom else "").encode() + buffer.getvalue().encode()
