"""The phone bridge in its incident's room: who is on the line, who is missing, how to come in."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident, MusterSeat
from incidents.panels import Panel
from people.models import Person
from people.permissions import PAGE, may
from rooms.bridge import carrier
from rooms.models import Bridge, BridgeCaller

State = BridgeCaller.State


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A leader whom the incident needs and who is not on the line; `late`: they have not answered at all."""

    person: Person
    late: bool
    caller: BridgeCaller | None

    @property
    def is_coming(self) -> bool:
        """Tell whether they are being dialled just now."""
        return self.caller is not None and self.caller.is_open


def bridge_of(request: HttpRequest, incident: Incident) -> str:
    """Return the bridge; "" without telephony, and for an incident that is over and had none."""
    bridge = Bridge.objects.filter(incident=incident).first()
    if bridge is None and (not incident.is_open or carrier.trouble()):
        return ""
    callers = list(bridge.callers.select_related("person")) if bridge is not None else []
    person = request.user
    may_call = isinstance(person, Person) and may(person, PAGE) and incident.is_open
    on_line = [caller for caller in callers if caller.state == State.ON_LINE]
    context = {
        "incident": incident,
        "bridge": bridge,
        "is_open": bridge is not None and bridge.closed_at is None,
        "number": settings.TWILIO_FROM,
        "on_line": on_line,
        "joining": [caller for caller in callers if caller.state == State.JOINING],
        "gone": [caller for caller in callers if caller.state == State.LEFT][-10:],
        "missing": _missing(incident, callers) if incident.is_open else [],
        "may_call": may_call,
        "me": person if may_call and not any(caller.person_id == person.pk for caller in on_line) else None,
    }
    return render_to_string("rooms/bridge/panel.html", context, request)


def _missing(incident: Incident, callers: list[BridgeCaller]) -> list[Missing]:
    """Return the leaders of the muster who are neither on the line nor joining, who have not answered first."""
    newest = {caller.person_id: caller for caller in callers}
    there = {caller.person_id for caller in callers if caller.state in (State.JOINING, State.ON_LINE)}
    seats = MusterSeat.objects.filter(tier__muster__incident=incident).select_related("person", "tier")
    late = {MusterSeat.State.LATE, MusterSeat.State.CALLED, MusterSeat.State.DELIVERED}
    wanted: dict[object, Missing] = {}
    for seat in seats.exclude(state__in=[MusterSeat.State.SUCCEEDED, MusterSeat.State.DECLINED]).order_by("tier__rank"):
        if seat.person_id not in there and seat.person_id not in wanted:
            wanted[seat.person_id] = Missing(
                person=seat.person, late=seat.state in late, caller=newest.get(seat.person_id)
            )
    return sorted(wanted.values(), key=lambda each: not each.late)


PANEL = Panel(key="bridge", title=_("Phone bridge"), order=3, render=bridge_of)
