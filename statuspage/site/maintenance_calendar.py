"""Maintenance as a calendar that people subscribe to (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Final

from statuspage.site.body import printable
from statuspage.site.html import Pages
from statuspage.site.pieces import Incident, text_in

if TYPE_CHECKING:
    from icalendar import Event

KEPT: Final = timedelta(days=90)
"""How long a maintenance that is over stays in the calendar."""
ASK_AGAIN: Final = timedelta(hours=1)


def calendar(pages: Pages) -> bytes:
    """Return what is announced, under way, called off or lately over, in the page's language."""
    from icalendar import Calendar, vText  # heavy, and not every process renders

    page = pages.page
    whole = Calendar()
    whole.add("prodid", "-//Muster//status page//EN")
    whole.add("version", "2.0")
    whole.add("method", "PUBLISH")
    # The library takes what follows "x-" as it stands, line ends too.
    whole.add("x-wr-calname", vText(printable(page.name)))
    whole.add("refresh-interval", ASK_AGAIN, parameters={"VALUE": "DURATION"})
    whole.add("x-published-ttl", "PT1H")
    for maintenance in page.maintenances:
        if maintenance.scheduled_until and page.now - maintenance.scheduled_until < KEPT:
            whole.add_component(_event(pages, maintenance))
    return bytes(whole.to_ical())


def _event(pages: Pages, maintenance: Incident) -> Event:
    from icalendar import Event as NewEvent

    newest = maintenance.updates[0]
    names = [pages.page.component_by_id[each.component_id] for each in maintenance.affected]
    event = NewEvent()
    event.add("uid", f"{maintenance.id}@{pages.page.id}.status")
    event.add("dtstamp", newest.published_at.astimezone(UTC))
    event.add("last-modified", max(newest.published_at, newest.updated_at).astimezone(UTC))
    # Each published word counts up, and nothing else that a calendar shows changes without one.
    event.add("sequence", len(maintenance.updates) - 1)
    if maintenance.scheduled_for and maintenance.scheduled_until:
        event.add("dtstart", maintenance.scheduled_for.astimezone(UTC))
        event.add("dtend", maintenance.scheduled_until.astimezone(UTC))
    event.add("summary", printable(pages.teller.name(maintenance)))
    event.add("description", printable(text_in(newest.texts, pages.language, pages.page.language)))
    event.add("categories", [printable(pages.teller.name(each)) for each in names])
    event.add("url", pages.addresses.incident(maintenance.id))
    event.add("status", "CANCELLED" if maintenance.is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event
