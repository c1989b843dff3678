"""Customers, their assets and servers in the API: read them, import them whole."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final

from django.http import HttpRequest
from pydantic import Field

from people.api_door import Admitted, admit
from people.permissions import ADMINISTER, DRAFT_UPDATE
from statuspage.api.finding import page_asked_for, page_named
from statuspage.customers.columns import Kind
from statuspage.customers.hits import servers_now
from statuspage.customers.operations.import_rows import UnfitFile, import_rows
from statuspage.customers.queries import assets_with_hits, customer_in_full, customers_listed, servers_listed
from statuspage.customers.reading import MOST_ROWS, Fault, Reading, UnreadableFile
from statuspage.models import Asset, Customer, Server
from web.api import Page, Query, Router, Schema, Window, paged
from web.api.fields import Given, Name
from web.errors import BadInput, NotFound

router = Router(tags=["customers"])
SEVERAL: Final = "Give either `csv` or `rows`."


class CustomersAsked(Window):
    """Which customers or servers: of one page, and those whose names hold `q`."""

    page: Name = Field("", description="Id or slug of a status page; empty: of all.")
    q: Name = Field("", description="Part of a number, name, address, domain or account.")


class ImportIn(Given):
    """A file as `csv`, or its lines as `rows`: objects by column. What the columns mean is on the screen of imports."""

    page: Name = Field("", description="Id or slug of the status page; empty: the one at the root.")
    csv: str = Field("", description="The file's text; its first line names the columns. 2.5 MB at most in one call.")
    rows: Annotated[list[dict[str, str]], Field(max_length=MOST_ROWS)] = Field(
        default=[], description="The same as objects. Errors count the first one as line 2, as in a file."
    )
    replace: bool = Field(False, description="Remove what is not given here. There is no second question.")


class ImportOut(Schema):
    """What was taken in; `counts` by what happened, such as `customers_new`."""

    kind: str
    rows: int
    counts: dict[str, int]


class AssetOut(Schema):
    """A domain or an account; `hits` are ids of incidents and maintenance that hit it now or are planned."""

    kind: str
    name: str
    server: str
    components: list[str]
    hits: list[str]


class CustomerOut(Schema):
    """A customer; whether they have a link is told, the link itself is not."""

    id: str
    page: str
    number: str
    name: str
    email: str
    language: str
    link_issued_at: datetime | None
    updated_at: datetime


class FullCustomerOut(CustomerOut):
    """A customer with their assets."""

    assets: list[AssetOut]


class ServerOut(Schema):
    """A server; `hits` are ids of what hits it now, `file` is its public page's name without ending."""

    name: str
    page: str
    file: str
    components: list[str]
    hits: list[str]


@router.get("/status/customers", response=Page[CustomerOut])
def list_customers(request: HttpRequest, asked: Query[CustomersAsked]) -> dict[str, Any]:
    """Customers by number."""
    admit(request, DRAFT_UPDATE)
    page_id = page_asked_for(asked.page).pk if asked.page else ""
    found = customers_listed(page_id=page_id, words=asked.q)
    return paged(found, window=asked, order=("number", "id"), serialize=_customer)


@router.post("/status/customers", response=ImportOut)
def import_customers(request: HttpRequest, given: ImportIn) -> ImportOut:
    """Add and change customers and their assets; a line at fault changes nothing and is named."""
    return _import(admit(request, ADMINISTER), given, Kind.CUSTOMERS)


@router.get("/status/customers/{customer_id}", response=FullCustomerOut)
def get_customer(request: HttpRequest, customer_id: str) -> FullCustomerOut:
    """One customer with their assets and what hits each."""
    now = admit(request, DRAFT_UPDATE).now
    known = customer_id.isascii() and customer_id.isdigit() and len(customer_id) < 19
    customer = customer_in_full(int(customer_id)) if known else None
    if customer is None:
        raise NotFound("There is no such customer.")
    assets = [_asset(asset, [hit.id for hit in hits]) for asset, hits in assets_with_hits(customer, now)]
    return FullCustomerOut(**_customer(customer).dict(), assets=assets)


@router.get("/status/servers", response=Page[ServerOut])
def list_servers(request: HttpRequest, asked: Query[CustomersAsked]) -> dict[str, Any]:
    """Servers by name, with what hits each now."""
    now = admit(request, DRAFT_UPDATE).now
    page_id = page_asked_for(asked.page).pk if asked.page else ""
    known: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {}

    def shown(server: Server) -> ServerOut:
        if server.page_id not in known:
            known[server.page_id] = {each.name: (each.file, each.hits) for each in servers_now(server.page_id, now)}
        file, hits = known[server.page_id].get(server.name, ("", ()))
        components = sorted(component.pk for component in server.components.all())
        return ServerOut(name=server.name, page=server.page_id, file=file, components=components, hits=list(hits))

    found = servers_listed(page_id=page_id, words=asked.q)
    return paged(found, window=asked, order=("name", "id"), serialize=shown)


@router.post("/status/servers", response=ImportOut)
def import_servers(request: HttpRequest, given: ImportIn) -> ImportOut:
    """Add and change servers; a line at fault changes nothing and is named."""
    return _import(admit(request, ADMINISTER), given, Kind.SERVERS)


def _import(admitted: Admitted, given: ImportIn, kind: Kind) -> ImportOut:
    content = _content(given)
    page = page_named(given.page)
    try:
        found = Reading(io.BytesIO(content)).layout.kind
    except UnreadableFile as error:
        raise UnfitFile([error.fault]) from None
    if found != kind:
        raise UnfitFile([Fault(1, f"These are the columns of {found.value}, not of {kind.value}.")])
    outcome = import_rows(
        file=io.BytesIO(content),
        page=page,
        replace=given.replace,
        by=admitted.by,
        now=admitted.now,
        file_name="API",
    )
    return ImportOut(kind=outcome.kind.value, rows=outcome.rows, counts=outcome.counts)


def _content(given: ImportIn) -> bytes:
    if bool(given.csv) == bool(given.rows):
        raise BadInput(SEVERAL, errors={"csv": SEVERAL})
    if given.csv:
        return given.csv.encode()
    return _as_csv(given.rows).encode()


def _as_csv(rows: Sequence[dict[str, str]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _customer(customer: Customer) -> CustomerOut:
    return CustomerOut(
        id=str(customer.pk),
        page=customer.page_id,
        number=customer.number,
        name=customer.name,
        email=customer.email,
        language=customer.language,
        link_issued_at=customer.issued_at,
        updated_at=customer.updated_at,
    )


def _asset(asset: Asset, hits: list[str]) -> AssetOut:
    return AssetOut(
        kind=asset.kind,
        name=asset.name,
        server=asset.server.name if asset.server else "",
        components=sorted(component.pk for component in asset.components.all()),
        hits=hits,
    )
