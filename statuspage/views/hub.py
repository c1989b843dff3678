"""`/status-pages/`: what customers are told now, what waits to be told, and whether it is being published."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from engine import clock
from incidents.models import Incident
from incidents.queries import visible_incidents
from people.doors import signed_in
from people.models import Person
from people.permissions import ADMINISTER, APPROVE_UPDATE, DRAFT_UPDATE, READ, may
from statuspage.models import StatusPage
from statuspage.overview import overviews, publication, waiting_updates
from statuspage.queries import green_while_burning


@require_safe
@signed_in(READ)
def status_pages(request: HttpRequest, person: Person) -> HttpResponse:
    """Show what waits first, then each page."""
    now = clock.now()
    seen = set(visible_incidents(person).filter(status__in=Incident.OPEN).values_list("pk", flat=True))
    context = {
        "burning": [each for each in green_while_burning(now) if each.incident.pk in seen],
        "waiting": list(waiting_updates(person)),
        "pages": overviews(now),
        "archived": StatusPage.objects.exclude(archived_at=None).defer("logo"),
        "publication": publication(now),
        "may_draft": may(person, DRAFT_UPDATE),
        "may_approve": may(person, APPROVE_UPDATE),
        "may_administer": may(person, ADMINISTER),
    }
    return render(request, "statuspage/staff/hub.html", context)
