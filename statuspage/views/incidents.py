"""Public incidents as staff see them: one with everything said about it, and the history of all."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from engine import clock
from people.doors import signed_in
from people.models import Person
from people.permissions import APPROVE_UPDATE, DRAFT_UPDATE, READ, may
from statuspage.addresses import public_address
from statuspage.doors import access_public_incident, sees_incident_behind, visible_public_incidents
from statuspage.models import PublicIncident, StatusPage
from statuspage.rules.stages import ENDED
from statuspage.subscribers.figures import figures_for
from statuspage.views.maintaining import maintenance_forms

PER_PAGE: Final = 30
FILTERS: Final = (("", _("All")), ("open", _("Open")), ("incident", _("Incidents")), ("maintenance", _("Maintenance")))


@require_safe
@signed_in(READ)
def status_incident(request: HttpRequest, person: Person, public_id: str) -> HttpResponse:
    """Show what customers know, every update with who brought it about, and what can be said next."""
    public, now = access_public_incident(person, public_id), clock.now()
    updates = list(
        public.updates.select_related("drafted_by", "approved_by", "mailing")
        .prefetch_related("components__component")
        .order_by("-created_at", "-id")
    )
    if not sees_incident_behind(person, public) and public.incident_id is not None:
        updates = [update for update in updates if update.state == "published"]
    published = [update for update in updates if update.state == "published"]
    figures = figures_for([update.pk for update in published])
    over = public.status in ENDED
    context = {
        "public": public,
        "page": public.page,
        "updates": [(update, figures.get(update.pk)) for update in updates],
        "affected": public.affected.select_related("component"),
        "last_heard_at": max((update.published_at for update in published if update.published_at), default=None),
        "overdue": public.next_update_at is not None and public.next_update_at < now and not over,
        "over": over,
        "stages": _next_stages(public),
        "address": f"{public_address(public.page)}incidents/{public.pk}.html" if public.published_at else "",
        "sees_incident": sees_incident_behind(person, public),
        "may_draft": may(person, DRAFT_UPDATE) and public.discarded_at is None,
        "may_approve": may(person, APPROVE_UPDATE),
        **maintenance_forms(public),
    }
    return render(request, "statuspage/staff/incident.html", context)


def _next_stages(public: PublicIncident) -> list[tuple[str, str, str]]:
    """Return what can usually be said next: (stage, word, icon); nothing before the first word is out."""
    if public.published_at is None or public.kind == PublicIncident.Kind.MAINTENANCE:
        return []
    if public.status in ("resolved", "postmortem"):
        return [("postmortem", str(_("Postmortem")), "note"), ("investigating", str(_("It is back")), "undo")]
    usual = [
        ("identified", str(_("Identified")), "search"),
        ("monitoring", str(_("Monitoring")), "screen"),
        ("resolved", str(_("Resolved")), "check"),
    ]
    return [each for each in usual if each[0] != public.status]


@require_safe
@signed_in(READ)
def status_incidents(request: HttpRequest, person: Person) -> HttpResponse:
    """List what was said in public, newest first, from `before` downward."""
    wanted, words, page_id = (request.GET.get(name, "").strip() for name in ("show", "q", "page"))
    found = visible_public_incidents(person).filter(discarded_at=None).defer("page__logo")
    if wanted in ("incident", "maintenance"):
        found = found.filter(kind=wanted)
    elif wanted == "open":
        found = found.exclude(status__in=ENDED)
    if page_id:
        found = found.filter(page=page_id)
    if words:
        found = found.filter(name__icontains=words)
    offset = _offset(request.GET.get("from", ""))
    rows = found.annotate(heard_at=Max("updates__published_at")).order_by("-started_at", "-id")
    shown = list(rows[offset : offset + PER_PAGE + 1])
    kept = {name: value for name, value in (("show", wanted), ("q", words), ("page", page_id)) if value}
    context = {
        "rows": shown[:PER_PAGE],
        "filters": [
            {"label": label, "url": f"?{urlencode({**kept, 'show': value})}", "current": value == wanted}
            for value, label in FILTERS
        ],
        "pages": StatusPage.objects.defer("logo").order_by("slug"),
        "page_id": page_id,
        "wanted": wanted,
        "words": words,
        "older": f"?{urlencode({**kept, 'from': offset + PER_PAGE})}" if len(shown) > PER_PAGE else "",
        "newer": f"?{urlencode({**kept, 'from': max(offset - PER_PAGE, 0)})}" if offset else "",
        "hub": reverse("status_pages"),
    }
    return render(request, "statuspage/staff/incidents.html", context)


def _offset(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
