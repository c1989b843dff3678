"""Builders for customers, their servers and assets, and files of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from django.db import transaction

from ledger.actor import Actor
from statuspage.customers.operations.import_rows import Outcome, import_rows
from statuspage.customers.operations.link import issue_link
from statuspage.models import (
    Asset,
    Comment,
    Component,
    Customer,
    CustomerImport,
    PublicIncident,
    Server,
    StatusPage,
)
from tests.builders import NOW
from tests.statuspage.builders import make_page

HEAD = "customer,name,email,language,notify,kind,asset,server,components"


def make_server(page: StatusPage, name: str = "web-17", *components: Component) -> Server:
    """Make a server under these components."""
    server = Server.objects.create(page=page, name=name)
    server.components.set(components)
    return server


def make_customer(
    page: StatusPage, number: str = "K-1", *domains: str, server: Server | None = None, **fields: Any
) -> Customer:
    """Make a customer with these domains, all on one server or on none."""
    customer = Customer.objects.create(page=page, number=number, created_at=NOW, updated_at=NOW, **fields)
    for domain in domains:
        make_asset(customer, domain, server=server)
    return customer


def make_asset(
    customer: Customer,
    name: str,
    *,
    kind: str = "domain",
    server: Server | None = None,
    components: Sequence[Component] = (),
) -> Asset:
    """Make a domain or an account of a customer."""
    asset = Asset.objects.create(customer=customer, kind=kind, name=name, server=server)
    asset.components.set(components)
    return asset


def give_link(customer: Customer, *, now: datetime = NOW) -> Customer:
    """Issue a customer's secret link."""
    with transaction.atomic():
        return issue_link(customer_id=customer.pk, by=Actor.system(), now=now)


def text_file(*lines: str, head: str = HEAD) -> BytesIO:
    """Return a CSV file of these lines under a head."""
    return BytesIO("\n".join([head, *lines, ""]).encode())


def take_in(
    page: StatusPage, file: BytesIO | Iterable[str], *, replace: bool = False, now: datetime = NOW, head: str = HEAD
) -> Outcome:
    """Import a file, or lines under a head, by the operation."""
    given = file if isinstance(file, BytesIO) else text_file(*file, head=head)
    with transaction.atomic():
        return import_rows(file=given, page=page, replace=replace, by=Actor.system(), now=now)


def parts_of_addresses() -> dict[str, Any]:
    """Make a customer, an import and a comment on a page of their own; return what their addresses name."""
    page = make_page("Customers' page", slug="customers")
    incident = PublicIncident.objects.create(
        page=page, name="Mail is late", started_at=NOW, published_at=NOW, created_at=NOW, updated_at=NOW
    )
    comment = Comment.objects.create(public_incident=incident, text="Since when?", reporter="r", created_at=NOW)
    row = CustomerImport.objects.create(page=page, kind="customers", state="ready", created_at=NOW)
    return {"customer_id": make_customer(page).pk, "import_id": row.pk, "comment_id": comment.pk, "path": "index.html"}
