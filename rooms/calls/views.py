"""`/call-lines/`: the numbers that customers call, and what became of their calls."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engine import clock
from incidents.models import Incident
from incidents.queries import visible_incidents
from incidents.timeline import sentence_of
from ledger.queries import entries
from notifications.channels.base import ChannelFailure
from people.actors import actor_for
from people.doors import signed_in
from people.editing import Editor, edit
from people.models import Person
from people.permissions import ADMINISTER, READ, may
from rooms.bridge import carrier
from rooms.calls.forms import LineForm
from rooms.calls.operations.change_line import LineDraft, add_line, change_line, remove_line
from rooms.calls.sound import sound_of
from rooms.models import CallLine, LiveCall
from web.errors import NotFound

NEWEST: Final = 50
TONES: Final = {
    LiveCall.State.GREETING: ("calm", "voice"),
    LiveCall.State.RINGING: ("watch", "ring"),
    LiveCall.State.TALKING: ("calm", "voice"),
    LiveCall.State.VOICEMAIL: ("watch", "message"),
    LiveCall.State.RECORDED: ("watch", "message"),
    LiveCall.State.ENDED: ("ok", "check"),
    LiveCall.State.GAVE_UP: ("quiet", "late"),
}


@require_safe
@signed_in(READ)
def call_lines(request: HttpRequest, person: Person) -> HttpResponse:
    """List the lines and the newest calls to them."""
    calls = list(LiveCall.objects.select_related("service", "taken_by", "incident")[:NEWEST])
    context = {
        "lines": CallLine.objects.prefetch_related("choices__service"),
        "calls": [(call, *TONES[LiveCall.State(call.state)]) for call in calls],
        "may_administer": may(person, ADMINISTER),
        "trouble": carrier.trouble(),
    }
    return render(request, "rooms/calls/lines.html", context)


@require_safe
@signed_in(READ)
def live_call(request: HttpRequest, person: Person, call_id: UUID) -> HttpResponse:
    """Tell one call step by step."""
    call = _call(call_id)
    context = {
        "call": call,
        "tone": TONES[LiveCall.State(call.state)],
        "steps": [(entry.at, sentence_of(entry)) for entry in entries(call.subject, limit=100)],
        "incident": _incident_of(call, person),
    }
    return render(request, "rooms/calls/call.html", context)


@require_safe
@signed_in(READ)
def live_call_message(request: HttpRequest, person: Person, call_id: UUID) -> HttpResponse:
    """Hand out the message that a caller left, to whoever may know of the incident that it opened."""
    call = _call(call_id)
    incident = _incident_of(call, person)
    if incident is None or not call.recording:
        raise NotFound(_("There is no message of this call."))
    try:
        sound = sound_of(call.recording)
    except ChannelFailure as failure:
        messages.error(request, _("The message can't be played now: {why}").format(why=failure.detail))
        return HttpResponseRedirect(reverse("live_call", args=[call.pk]))
    name = f"incident-{incident.number}.{sound.ending}"
    return HttpResponse(
        sound.content, content_type=sound.kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def call_line_edit(request: HttpRequest, person: Person, line_id: int | None = None) -> HttpResponse:
    """Make a line or change one."""
    line = _line(line_id) if line_id is not None else None
    form = LineForm(request.POST or None, line=line)
    by = actor_for(person, via="web")

    def save(given: dict[str, Any]) -> None:
        draft = LineDraft(**{**given, "services": list(given["services"])})
        if line is None:
            add_line(draft=draft, by=by, now=clock.now())
        else:
            change_line(line_id=line.pk, draft=draft, by=by, now=clock.now())

    editor = Editor(
        title=line.name if line else _("New line"),
        intro=_("Customers who call it reach who is on call, or leave a message that opens an incident."),
        back=reverse("call_lines"),
        said=_("The line is saved."),
        remove_url=reverse("call_line_remove", args=[line.pk]) if line else "",
        remove_word=_("Remove the line"),
        remove_text=_("Calls to this number are turned away then."),
    )
    return edit(request, form, editor, save=save)


@require_POST
@signed_in(ADMINISTER)
def call_line_remove(request: HttpRequest, person: Person, line_id: int) -> HttpResponse:
    """Take a line away."""
    with transaction.atomic():
        remove_line(line_id=line_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("The line is removed."))
    return HttpResponseRedirect(reverse("call_lines"))


def _call(call_id: UUID) -> LiveCall:
    call = LiveCall.objects.select_related("service", "taken_by", "incident").filter(pk=call_id).first()
    if call is None:
        raise NotFound(_("There is no such call."))
    return call


def _incident_of(call: LiveCall, person: Person) -> Incident | None:
    """Return the incident that a call opened, if this person may know of it."""
    return visible_incidents(person).filter(calls=call).first()


def _line(line_id: int) -> CallLine:
    found = CallLine.objects.filter(pk=line_id).first()
    if found is None:
        raise NotFound(_("There is no such line."))
    return found
