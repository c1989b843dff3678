"""Subscribers as staff look for them."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from statuspage.models import Subscriber


def subscribers_listed(
    *, page_id: str = "", words: str = "", state: str = "", channel: str = ""
) -> QuerySet[Subscriber, Subscriber]:
    """Return subscribers of a page (of all: ""), the newest first, whose address holds `words`."""
    found = Subscriber.objects.select_related("page", "customer").defer("secret", "page__logo", "customer__secret")
    if page_id:
        found = found.filter(page=page_id)
    if state:
        found = found.filter(state=state)
    if channel:
        found = found.filter(channel=channel)
    if words:
        found = found.filter(address__icontains=words)
    return found.order_by("-created_at", "-pk")


def counts_by_state(page_id: str = "") -> dict[str, int]:
    """Return how many subscribers there are by state."""
    found = Subscriber.objects.filter(page=page_id) if page_id else Subscriber.objects.all()
    return dict(found.order_by().values_list("state").annotate(count=Count("pk")))
