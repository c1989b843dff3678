"""`/heartbeats/`: jobs that must report, how they stand, and the address each reports to."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engine import clock
from intake.heartbeat_forms import HeartbeatForm
from intake.heartbeat_screen import DRAWN, LOOKS, rows, strip, took
from intake.models import Alert, Heartbeat, Ping
from intake.operations.change_heartbeat import (
    HeartbeatDraft,
    add_heartbeat,
    change_heartbeat,
    pause_heartbeat,
    remove_heartbeat,
    resume_heartbeat,
    rotate_heartbeat_key,
)
from intake.queries import visible_alerts
from intake.rules.heartbeat_words import told
from intake.rules.heartbeats import Schedule, upcoming
from intake.rules.heartbeats_given import faults
from intake.rules.spans import write_span
from people.actors import actor_for
from people.doors import signed_in
from people.editing import Editor, attempt
from people.models import Person
from people.permissions import ADMINISTER, READ, may
from web.errors import NotFound

SHOWN: Final = 20
"""Runs that have ended, on a heartbeat's page."""
UPCOMING: Final = 3


@require_safe
@signed_in(READ)
def heartbeats(request: HttpRequest, person: Person) -> HttpResponse:
    """List the heartbeats, those in trouble first."""
    found = list(Heartbeat.objects.select_related("integration__service"))
    context = {"rows": rows(found), "may_administer": may(person, ADMINISTER)}
    return render(request, "intake/heartbeats.html", context)


@require_safe
@signed_in(READ)
def heartbeat_page(request: HttpRequest, person: Person, heartbeat_id: int) -> HttpResponse:
    """Show how a job stands and what it reported; administrators also the address it reports to, with examples."""
    heartbeat = _find(heartbeat_id)
    kind, icon = LOOKS[heartbeat.state]
    ends = list(heartbeat.pings.exclude(signal=Ping.Signal.START)[:DRAWN])
    open_alerts = visible_alerts(person).filter(
        integration=heartbeat.integration_id, state__in=[Alert.State.OPEN, Alert.State.ACKNOWLEDGED]
    )
    by_clock = heartbeat.cron and heartbeat.state != Heartbeat.State.PAUSED
    context = {
        "heartbeat": heartbeat,
        "kind": kind,
        "icon": icon,
        "told": told(heartbeat.schedule),
        "grace": write_span(heartbeat.grace_s),
        "longest": write_span(heartbeat.max_run_s) if heartbeat.max_run_s is not None else "",
        "alert": open_alerts.first(),
        "upcoming": upcoming(heartbeat.schedule, after=clock.now(), count=UPCOMING) if by_clock else [],
        "strip": strip(ends[::-1]),
        "pings": [(ping, took(ping)) for ping in ends[:SHOWN]],
        "address": f"{settings.PUBLIC_URL}/ping/{heartbeat.integration.key}",
        "may_administer": may(person, ADMINISTER),
    }
    return render(request, "intake/heartbeat.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def heartbeat_edit(request: HttpRequest, person: Person, heartbeat_id: int | None = None) -> HttpResponse:
    """Make a heartbeat or change one; "Show the next times" saves nothing and loses nothing."""
    heartbeat = _find(heartbeat_id) if heartbeat_id is not None else None
    data = request.POST if request.method == "POST" else None
    form = HeartbeatForm(data, heartbeat=heartbeat)
    saves = data is not None and "try" not in data
    times: dict[str, Any] = {}
    if data is not None and form.is_valid():
        saved: list[Heartbeat] = []
        if saves and attempt(form, lambda _given: saved.append(_save(heartbeat, form.draft(), person))) is not None:
            messages.success(request, _("“{name}” is waited for.").format(name=saved[0].name))
            return HttpResponseRedirect(reverse("heartbeat", args=[saved[0].pk]))
        if not saves:
            times = _next_times(form)
    editor = Editor(
        title=heartbeat.name if heartbeat else _("New heartbeat"),
        intro=_("A job that must report. When it does not, or says that it failed, an alert goes its usual way."),
        back=reverse("heartbeat", args=[heartbeat.pk]) if heartbeat else reverse("heartbeats"),
        said="",
    )
    context = {"form": form, "editor": editor, "times": times}
    return render(request, "intake/heartbeat_form.html", context, status=422 if form.errors else 200)


def _save(heartbeat: Heartbeat | None, draft: HeartbeatDraft, person: Person) -> Heartbeat:
    by = actor_for(person, via="web")
    if heartbeat is None:
        return add_heartbeat(draft=draft, by=by, now=clock.now())[0]
    return change_heartbeat(heartbeat_id=heartbeat.pk, draft=draft, by=by, now=clock.now())


def _next_times(form: HeartbeatForm) -> dict[str, Any]:
    draft = form.draft()
    wrong = faults(
        name=draft.name,
        period_s=draft.period_s,
        cron=draft.cron,
        time_zone=draft.time_zone,
        grace_s=draft.grace_s,
        max_run_s=draft.max_run_s,
    )
    for field, sentence in wrong.items():
        form.add_error(field, sentence)
    if wrong:
        return {}
    schedule = Schedule(period_s=draft.period_s, cron=draft.cron, time_zone=draft.time_zone)
    return {"told": told(schedule), "upcoming": upcoming(schedule, after=clock.now(), count=UPCOMING)}


@require_POST
@signed_in(ADMINISTER)
def heartbeat_pause(request: HttpRequest, person: Person, heartbeat_id: int) -> HttpResponse:
    """Wait for nothing until it is resumed."""
    with transaction.atomic():
        pause_heartbeat(heartbeat_id=heartbeat_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("It is paused: nobody is called for it until you resume it."))
    return _to_page(heartbeat_id)


@require_POST
@signed_in(ADMINISTER)
def heartbeat_resume(request: HttpRequest, person: Person, heartbeat_id: int) -> HttpResponse:
    """Wait for its reports again."""
    with transaction.atomic():
        resume_heartbeat(heartbeat_id=heartbeat_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("It is waited for again, from now on."))
    return _to_page(heartbeat_id)


@require_POST
@signed_in(ADMINISTER)
def heartbeat_rotate(request: HttpRequest, person: Person, heartbeat_id: int) -> HttpResponse:
    """Give it another address."""
    with transaction.atomic():
        rotate_heartbeat_key(heartbeat_id=heartbeat_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("It has a new address. Put it into the job: the old one is refused."))
    return _to_page(heartbeat_id)


@require_POST
@signed_in(ADMINISTER)
def heartbeat_remove(request: HttpRequest, person: Person, heartbeat_id: int) -> HttpResponse:
    """Take it away with its reports."""
    with transaction.atomic():
        remove_heartbeat(heartbeat_id=heartbeat_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("The heartbeat is gone. Its alerts are kept."))
    return HttpResponseRedirect(reverse("heartbeats"))


def _to_page(heartbeat_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("heartbeat", args=[heartbeat_id]))


def _find(heartbeat_id: int) -> Heartbeat:
    found = Heartbeat.objects.select_related("integration__service").filter(pk=heartbeat_id).first()
    if found is None:
        raise NotFound(_("There is no such heartbeat."))
    return found
