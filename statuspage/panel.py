"""What customers know of an incident, for its room: when they heard last, what waits, what is denied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from engine import clock
from incidents.models import Incident
from incidents.panels import Line, Panel
from people.models import Person
from people.permissions import APPROVE_UPDATE, DRAFT_UPDATE, may
from statuspage.feedback.signal import signal_for
from statuspage.models import PublicIncident, StatusPage, StatusUpdate
from statuspage.operations.contents import digest_of
from statuspage.queries import customers_last_heard, green_while_burning
from statuspage.reviewing import Reading, Said, readings, said_of_components
from statuspage.subscribers.figures import Figures, figures_of

MOST_WAITING: Final = 5


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A draft in the room, whole, so that it can be judged where it stands; `digest` stands for what is shown."""

    update: StatusUpdate
    readings: list[Reading]
    said: list[Said]
    digest: str
    may_approve: bool


def customers_of(request: HttpRequest, incident: Incident) -> str:
    """Return what customers know; "" without any status page, and for an incident that is over and never was public."""
    person = request.user
    told = list(PublicIncident.objects.filter(incident=incident, discarded_at=None).select_related("page"))
    if not isinstance(person, Person) or not (told or (incident.is_open and _has_page())):
        return ""
    now = clock.now()
    heard = customers_last_heard(incident)
    burning = [each for each in green_while_burning(now) if each.incident.pk == incident.pk] if incident.is_open else []
    context = {
        "incident": incident,
        "told": [each for each in told if each.published_at is not None],
        "last_heard_at": heard.at,
        "promised_at": heard.promised_at,
        "overdue": heard.promised_at is not None and heard.promised_at < now,
        "open": heard.open,
        "burning": burning,
        "waiting": _waiting(incident, person),
        "signals": signal_for(incident, now),
        "mailing": _newest_mailing(told),
        "may_draft": may(person, DRAFT_UPDATE),
        "goes_on": [each for each in told if each.published_at is not None and each.resolved_at is None],
    }
    return render_to_string("statuspage/staff/panel.html", context, request)


def _has_page() -> bool:
    return StatusPage.objects.filter(archived_at=None).exists()


def _newest_mailing(told: list[PublicIncident]) -> Figures | None:
    """Return what became of the newest update that subscribers were told of; None before there is one."""
    found = StatusUpdate.objects.filter(public_incident__in=told, mailing__isnull=False).order_by("-published_at")
    newest = found.first()
    return figures_of(newest) if newest is not None else None


def _waiting(incident: Incident, person: Person) -> list[Waiting]:
    found = StatusUpdate.objects.filter(public_incident__incident=incident, state__in=["draft", "approved"])
    rows = found.select_related("public_incident__page", "drafted_by", "approved_by").order_by("created_at", "id")
    return [
        Waiting(
            update=update,
            readings=readings(update),
            said=said_of_components(update),
            digest=digest_of(update),
            may_approve=may(person, APPROVE_UPDATE) and update.drafted_by_id != person.pk,
        )
        for update in rows[:MOST_WAITING]
    ]


def heard_by_customers(request: HttpRequest, incident: Incident) -> str:
    """Return when customers heard last and what they were promised, for the briefing; "" without any status page."""
    heard = customers_last_heard(incident)
    if heard.at is None and not (incident.is_open and _has_page()):
        return ""
    promised = heard.promised_at
    overdue = promised is not None and promised < clock.now()
    context = {"last_heard_at": heard.at, "promised_at": promised, "overdue": overdue, "open": heard.open}
    return render_to_string("statuspage/staff/briefing_line.html", context, request)


HEARD: Final = Line(key="customers", title=_("Customers"), order=10, render=heard_by_customers)
CUSTOMERS: Final = Panel(key="customers", title=_("Customers"), order=5, render=customers_of)
