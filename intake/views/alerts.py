"""`/alerts/` and `/quarantine/`: what tools told us, and what of it could not be understood."""

from __future__ import annotations

import json
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from engine import clock
from incidents.models import Service
from intake.forms import RECEIVED
from intake.models import Alert, IntegrationKey
from intake.operations.replay import replay
from intake.queries import quarantined, visible_alerts
from people.actors import actor_for
from people.doors import signed_in
from people.models import Person
from people.permissions import ADMINISTER, AUDIT, READ, may
from web.errors import NotFound

PER_PAGE: Final = 50
EVENTS: Final = 30
MUTED: Final = "muted"
FILTERS: Final = (
    ("", gettext_lazy("All")),
    ("open", gettext_lazy("Open")),
    ("acknowledged", gettext_lazy("Acknowledged")),
    ("resolved", gettext_lazy("Resolved")),
    (MUTED, gettext_lazy("Muted")),
)


@require_safe
@signed_in(READ)
def alerts(request: HttpRequest, person: Person) -> HttpResponse:
    """List alerts, newest first, from `before` downward, so that a page stays the same while more come."""
    state, service, words = (request.GET.get(name, "").strip() for name in ("state", "service", "q"))
    found = visible_alerts(person).select_related("incident", "rule").order_by("-pk")
    if state in Alert.State.values:
        found = found.filter(state=state)
    elif state == MUTED:
        found = found.exclude(muted="")
    if service:
        found = found.filter(service__key=service)
    if words:
        found = found.filter(Q(summary__icontains=words) | Q(source__icontains=words))
    before = request.GET.get("before", "")
    if _is_number(before):
        found = found.filter(pk__lt=int(before))
    rows = list(found[: PER_PAGE + 1])
    kept = {name: value for name, value in (("state", state), ("service", service), ("q", words)) if value}
    context = {
        "rows": rows[:PER_PAGE],
        "filters": [
            {"label": label, "url": f"?{urlencode({**kept, 'state': value})}", "current": value == state}
            for value, label in FILTERS
        ],
        "services": Service.objects.all(),
        "state": state,
        "service": service,
        "words": words,
        "older": f"?{urlencode({**kept, 'before': rows[PER_PAGE - 1].pk})}" if len(rows) > PER_PAGE else "",
        "newer": f"?{urlencode(kept)}" if before else "",
    }
    return render(request, "intake/alerts.html", context)


@require_safe
@signed_in(READ)
def alert_page(request: HttpRequest, person: Person, alert_id: int) -> HttpResponse:
    """Show one alert: what it says, what followed, and its newest events as they came."""
    alert = visible_alerts(person).select_related("incident", "rule", "acknowledged_by").filter(pk=alert_id).first()
    if alert is None:
        raise NotFound(_("There is no such alert."))
    context = {
        "alert": alert,
        "fields": json.dumps(alert.fields, indent=2, ensure_ascii=False) if alert.fields else "",
        "events": [
            (event, json.dumps(event.raw, indent=2, ensure_ascii=False)) for event in alert.events.all()[:EVENTS]
        ],
    }
    return render(request, "intake/alert.html", context)


@require_safe
@signed_in(AUDIT)
def quarantine(request: HttpRequest, person: Person) -> HttpResponse:
    """List what could not be understood, with why and how it came."""
    found = quarantined().order_by("-pk")
    before = request.GET.get("before", "")
    if _is_number(before):
        found = found.filter(pk__lt=int(before))
    rows = list(found[: PER_PAGE + 1])
    context = {
        "rows": [(row, bytes(row.body).decode(errors="replace")) for row in rows[:PER_PAGE]],
        "older": f"?{urlencode({'before': rows[PER_PAGE - 1].pk})}" if len(rows) > PER_PAGE else "",
        "newer": reverse("quarantine") if before else "",
        "keys": IntegrationKey.objects.filter(revoked_at=None, kind__in=RECEIVED),
        "may_administer": may(person, ADMINISTER),
    }
    return render(request, "intake/quarantine.html", context)


@require_POST
@signed_in(ADMINISTER)
def quarantine_replay(request: HttpRequest, person: Person, quarantined_id: int) -> HttpResponse:
    """Try a rejected event again, as it came or as if it had come by another integration."""
    chosen = request.POST.get("integration", "")
    with transaction.atomic():
        replay(
            quarantined_id=quarantined_id,
            integration_id=int(chosen) if _is_number(chosen) else None,
            by=actor_for(person, via="web"),
            now=clock.now(),
        )
    messages.success(request, _("It was understood now and taken in."))
    return HttpResponseRedirect(reverse("quarantine"))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
