"""Watch a page: let the engine look at it, then tell whom it called, what they answered and what was recorded."""

from __future__ import annotations

from datetime import timedelta

from engine import duties
from ledger.models import Entry
from ledger.queries import entries
from notifications.models import Delivery, Page, Responder
from tests.builders import NOW


def advance(minutes: float = 0) -> int:
    """Let the engine look at pages, so many minutes after the start; return how many moved."""
    return duties.run_once("pages", now=NOW + timedelta(minutes=minutes))


def called(page: Page) -> list[tuple[str, str, float]]:
    """Return every message written for a page as (name, channel, minute it is due), in order."""
    return [
        (d.person.name, d.channel, (d.not_before - NOW).total_seconds() / 60)
        for d in Delivery.objects.filter(page=page).select_related("person").order_by("not_before", "pk")
    ]


def pending(page: Page) -> list[tuple[str, str]]:
    """Return (name, channel) of what has not left yet, in order."""
    found = Delivery.objects.filter(page=page, state="pending").select_related("person").order_by("not_before", "pk")
    return [(delivery.person.name, delivery.channel) for delivery in found]


def states(page: Page) -> dict[str, str]:
    """Return each responder's state by name."""
    return {r.person.name: r.state for r in Responder.objects.filter(page=page).select_related("person")}


def record(page: Page) -> list[Entry]:
    """Return the ledger entries about a page, or about its subject where it has one."""
    return entries(page.subject or f"page:{page.pk}")


def verbs(page: Page) -> list[str]:
    """Return what the ledger says happened, without the common "page."."""
    return [entry.verb.removeprefix("page.") for entry in record(page)]
