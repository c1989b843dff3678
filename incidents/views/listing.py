"""`/incidents/`: all incidents, newest first."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from incidents.models import Incident, Muster
from incidents.queries import listed_incidents
from people.doors import signed_in
from people.models import Person
from people.permissions import DECLARE, READ, may

PER_PAGE: Final = 30
FILTERS: Final = (("", _("All")), ("open", _("Open")), ("resolved", _("Resolved")), ("closed", _("Closed")))


@require_safe
@signed_in(READ)
def incidents(request: HttpRequest, person: Person) -> HttpResponse:
    """List by number from `before` downward, so that a page stays the same while incidents come in."""
    status, severity = request.GET.get("status", ""), request.GET.get("severity", "")
    words, before = request.GET.get("q", "").strip(), request.GET.get("before", "")
    known = {value for value, _label in FILTERS} | set(Incident.Status.values)
    found = listed_incidents(
        person,
        status=status if status in known else "",
        severity=int(severity) if severity in ("1", "2", "3", "4") else None,
    )
    if words:
        number = Q(number=int(words)) if words.isascii() and words.isdigit() and len(words) < 10 else Q()
        found = found.filter(Q(title__icontains=words) | number if number else Q(title__icontains=words))
    if before.isascii() and before.isdigit() and len(before) < 10:
        found = found.filter(number__lt=int(before))
    rows = list(found.order_by("-number")[: PER_PAGE + 1])
    musters = Muster.objects.in_bulk([incident.pk for incident in rows])
    kept = {name: value for name, value in (("status", status), ("severity", severity), ("q", words)) if value}
    older = urlencode({**kept, "before": rows[PER_PAGE - 1].number}) if len(rows) > PER_PAGE else ""
    context = {
        "rows": [(incident, musters.get(incident.pk)) for incident in rows[:PER_PAGE]],
        "filters": [
            {"label": label, "url": f"?{urlencode({**kept, 'status': value})}", "current": value == status}
            for value, label in FILTERS
        ],
        "severity": severity,
        "status": status,
        "words": words,
        "may_declare": may(person, DECLARE),
        "older": f"?{older}" if older else "",
        "newer": f"?{urlencode(kept)}" if before else "",
    }
    return render(request, "incidents/list.html", context)
