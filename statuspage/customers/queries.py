"""Reads of customers for staff."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from statuspage.customers.hits import Hit, hits_of
from statuspage.models import Asset, Customer, CustomerImport, Server, StatusPage


def customers_listed(*, page_id: str = "", words: str = "") -> QuerySet[Customer]:
    """Return customers by number whose number, name, address or asset holds `words`, with their count of assets."""
    found = Customer.objects.defer("secret").select_related("page").defer("page__logo", "page__secret")
    if page_id:
        found = found.filter(page=page_id)
    if words:
        assets = Asset.objects.filter(customer=OuterRef("pk"), name__icontains=words)
        found = found.filter(
            Q(number__icontains=words) | Q(name__icontains=words) | Q(email__icontains=words) | Exists(assets)
        )
    return found.annotate(asset_count=Count("assets")).order_by("number", "pk")


def customer_in_full(customer_id: int) -> Customer | None:
    """Return a customer with their assets, and what those stand under."""
    assets = Asset.objects.select_related("server").prefetch_related("components", "server__components")
    rows = Customer.objects.select_related("page").prefetch_related(
        Prefetch("assets", queryset=assets.order_by("kind", "name")), "subscriptions"
    )
    return rows.filter(pk=customer_id).first()


def hitting(asset: Asset, hits: list[Hit]) -> list[Hit]:
    """Return which of `hits` hit an asset that was read by `customer_in_full`."""
    under = [component.pk for component in asset.server.components.all()] if asset.server else []
    own = [component.pk for component in asset.components.all()]
    return [hit for hit in hits if hit.hits(server=asset.server_id, server_components=under, components=own)]


def assets_with_hits(customer: Customer, now: datetime) -> list[tuple[Asset, list[Hit]]]:
    """Return a customer's assets, each with what hits it now or is planned."""
    hits = hits_of(customer.page_id, now)
    return [(asset, hitting(asset, hits)) for asset in customer.assets.all()]


def servers_listed(*, page_id: str = "", words: str = "") -> QuerySet[Server]:
    """Return the servers by name, with their components and how many assets live on each."""
    found = Server.objects.filter(archived_at=None, name__icontains=words)
    if page_id:
        found = found.filter(page=page_id)
    listed = found.select_related("page").defer("page__logo", "page__secret").prefetch_related("components")
    return listed.annotate(asset_count=Count("assets")).order_by("name", "pk")


def pages_offered() -> QuerySet[StatusPage]:
    """Return the pages that customers and servers can belong to."""
    return StatusPage.objects.filter(archived_at=None).defer("logo", "secret")


def imports_lately() -> QuerySet[CustomerImport]:
    """Return the last files that came, without what they hold."""
    return (
        CustomerImport.objects.select_related("page", "by").defer("content", "page__logo").order_by("-created_at")[:10]
    )
