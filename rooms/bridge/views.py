"""What people do with a bridge in their incident's room."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from engine import clock
from incidents.models import Incident
from incidents.views.door import of_incident
from people.actors import actor_for
from people.models import Person
from people.permissions import PAGE
from rooms.bridge.operations.call_in import call_in
from rooms.bridge.operations.open_bridge import open_bridge
from web.errors import BadInput
from web.middleware import send_to


@require_POST
@of_incident(PAGE)
def bridge_open(request: HttpRequest, person: Person, incident: Incident) -> HttpResponse:
    """Open the bridge of an incident that has none."""
    with transaction.atomic():
        open_bridge(incident=incident, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("The bridge is open."))
    return send_to(request, reverse("incident", args=[incident.number]))


@require_POST
@of_incident(PAGE)
def bridge_call_in(request: HttpRequest, person: Person, incident: Incident) -> HttpResponse:
    """Dial somebody straight into the bridge."""
    try:
        wanted = UUID(request.POST.get("person", ""))
    except ValueError:
        raise BadInput(_("Choose who is called in.")) from None
    with transaction.atomic():
        caller = call_in(incident=incident, person_id=wanted, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("{name} is called into the bridge.").format(name=caller.name))
    return send_to(request, reverse("incident", args=[incident.number]))
