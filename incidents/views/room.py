"""The incident's room, and the briefing: one phone screen for executives."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from engine import clock
from incidents import forms
from incidents.board import muster_board
from incidents.briefing import briefing
from incidents.calls import calls_of
from incidents.models import Incident, RoleAssignment, RoleName
from incidents.panels import panels
from incidents.queries import visible_incidents
from incidents.rules.lifecycle import PATH, REOPENED
from incidents.timeline import newest_lines, timeline
from incidents.views.door import of_incident
from notifications.queries import waiting_once
from people.models import Person
from people.permissions import COMMAND, NOTE, READ, RESPOND, may

NEWEST: Final = 60
NEXT: Final = {
    "triage": {"value": "investigating", "word": _lazy("We investigate")},
    "investigating": {"value": "identified", "word": _lazy("The cause is identified")},
    "identified": {"value": "monitoring", "word": _lazy("It is mended, we watch")},
}
"""The usual next step as one tap; any other is in the sheet."""


@require_safe
@of_incident(READ)
def room(request: HttpRequest, person: Person, incident: Incident) -> HttpResponse:
    """Show the room; every part refreshes by itself when its subject changes."""
    now = clock.now()
    held = {a.role: a for a in RoleAssignment.objects.filter(incident=incident, until=None).select_related("person")}
    context = {
        "incident": incident,
        "severity": f"SEV{incident.severity}",
        "steps": _steps(incident),
        "board": muster_board(incident),
        "roles": [(RoleName(name), held.get(name)) for name in RoleName.values],
        "anybody_held": bool(held),
        "commander": held.get(RoleName.COMMANDER),
        "mine": waiting_once(person, subject=incident.subject),
        "calls": calls_of(incident),
        "lines": newest_lines(incident, limit=NEWEST, details=False),
        "panels": [(panel, mark_safe(panel.render(request, incident))) for panel in panels.ordered()],  # noqa: S308
        "live": incident.subject,
        **_moves(person, incident, now),
    }
    return render(request, "incidents/room.html", context)


@require_safe
@of_incident(READ)
def whole_timeline(request: HttpRequest, person: Person, incident: Incident) -> HttpResponse:
    """Show the timeline from its beginning, 200 entries a page."""
    after = request.GET.get("after", "0")
    start = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    lines = timeline(incident, after_seq=start, limit=201)
    further = f"?after={lines[199].seq}" if len(lines) > 200 else ""
    context = {"incident": incident, "severity": f"SEV{incident.severity}", "lines": lines[:200], "further": further}
    return render(request, "incidents/timeline.html", context | {"person": person})


@require_safe
@of_incident(READ)
def brief(request: HttpRequest, person: Person, incident: Incident) -> HttpResponse:
    """Show what an executive needs, and the one thing that waits for them."""
    context = {
        "incident": incident,
        "severity": f"SEV{incident.severity}",
        "brief": briefing(incident, person=person, now=clock.now()),
        "person": person,
        "facts": [(line, mark_safe(line.render(request, incident))) for line in panels.lines()],  # noqa: S308
        "may_command": may(person, COMMAND) and incident.is_open,
        "live": incident.subject,
    }
    return render(request, "incidents/briefing.html", context)


def _steps(incident: Incident) -> list[dict[str, Any]]:
    """Return the path as steps; one that ended otherwise says so as its last step."""
    labels = dict(Incident.Status.choices)
    if incident.status not in PATH:
        return [
            {"label": labels["triage"], "state": "done", "at": incident.opened_at},
            {"label": labels[incident.status], "state": "now", "at": incident.closed_at},
        ]
    place = PATH.index(incident.status)
    times: dict[str, datetime | None] = {
        "triage": incident.opened_at,
        "resolved": incident.resolved_at,
        "closed": incident.closed_at,
    }
    return [
        {
            "label": labels[status],
            "state": "done" if index < place else "now" if index == place else "next",
            "at": times.get(status) if index <= place else None,
        }
        for index, status in enumerate(PATH)
    ]


def _moves(person: Person, incident: Incident, now: datetime) -> dict[str, Any]:
    """Return what this person may do here, with the forms for it."""
    responds = may(person, RESPOND)
    moves: dict[str, Any] = {
        "now": now,
        "may_note": may(person, NOTE),
        "may_respond": responds,
        "may_command": may(person, COMMAND),
        "can_reopen": responds and incident.status in REOPENED,
        "can_close": responds and incident.status == Incident.Status.RESOLVED,
        "can_decline": responds and incident.status == Incident.Status.TRIAGE,
    }
    if responds and incident.is_open:
        others = visible_incidents(person).filter(status__in=Incident.OPEN).exclude(pk=incident.pk)
        moves |= {
            "next_status": NEXT.get(incident.status),
            "status_form": forms.StatusForm(auto_id="status-%s", initial={"status": _next_status(incident)}),
            "severity_form": forms.SeverityForm(auto_id="severity-%s", initial={"severity": str(incident.severity)}),
            "responders_form": forms.RespondersForm(auto_id="responders-%s"),
            "rename_form": forms.RenameForm(
                auto_id="rename-%s", initial={"title": incident.title, "summary": incident.summary}
            ),
            "decision_form": forms.DecisionForm(auto_id="decision-%s"),
            "role_form": forms.RoleForm(auto_id="role-%s"),
            "merge_form": forms.MergeForm(auto_id="merge-%s", others=others) if others.exists() else None,
        }
    if responds:
        ends = ("resolve", "decline", "close", "reopen")
        moves |= {f"{verb}_form": forms.EndForm(auto_id=f"{verb}-%s") for verb in ends}
    moves["severity_warning"] = _("A higher severity calls further leaders at once; a lower one stops nobody.")
    return moves


def _next_status(incident: Incident) -> str:
    order = ("investigating", "identified", "monitoring")
    if incident.status not in order:
        return order[0]
    return order[min(order.index(incident.status) + 1, len(order) - 1)]
