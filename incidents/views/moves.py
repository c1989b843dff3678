"""What people do in the room: each a plain form POST that leads back to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django import forms as django_forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from engine import clock
from incidents import forms
from incidents.models import Incident
from incidents.operations.add_note import add_note
from incidents.operations.add_responders import add_responders
from incidents.operations.assign_role import assign_role
from incidents.operations.change_severity import change_severity
from incidents.operations.change_status import change_status
from incidents.operations.close import close
from incidents.operations.decide import decide
from incidents.operations.decline import decline
from incidents.operations.merge import merge
from incidents.operations.rename import rename
from incidents.operations.reopen import reopen
from incidents.operations.resolve import resolve
from incidents.operations.take_command import take_command
from incidents.queries import access_incident, visible_incidents
from incidents.views.door import of_incident
from people.actors import actor_for
from people.models import Person
from people.permissions import COMMAND, NOTE, RESPOND
from web.errors import BadInput
from web.middleware import send_to

Do = Callable[[Incident, Person, dict[str, Any]], object]


def _move(capability: str, form: type[django_forms.Form] | None, do: Do, said: str) -> Callable[..., HttpResponse]:
    """Return the view that checks `form`, makes the move in one transaction and says what was done."""

    @require_POST
    @of_incident(capability)
    def view(request: HttpRequest, person: Person, incident: Incident) -> HttpResponse:
        filled = _form(form, request, person, incident)
        if filled is not None and not filled.is_valid():
            errors = {name: str(found[0]) for name, found in filled.errors.items()}
            raise BadInput(" ".join(errors.values()), errors=errors)
        with transaction.atomic():
            do(incident, person, filled.cleaned_data if filled is not None else {})
        messages.success(request, _(said))
        return send_to(request, reverse("incident", args=[incident.number]))

    return view


def _form(
    form: type[django_forms.Form] | None, request: HttpRequest, person: Person, incident: Incident
) -> django_forms.Form | None:
    if form is None:
        return None
    if form is forms.MergeForm:
        others = visible_incidents(person).filter(status__in=Incident.OPEN).exclude(pk=incident.pk)
        return forms.MergeForm(request.POST, others=others)
    return form(request.POST)


def _moved(operation: Callable[..., object], **given: Any) -> object:
    return operation(now=clock.now(), **given)


def _status(incident: Incident, person: Person, given: dict[str, Any]) -> None:
    _moved(
        change_status,
        incident_id=incident.pk,
        status=given["status"],
        note=given["note"],
        by=actor_for(person, via="web"),
    )


def _severity(incident: Incident, person: Person, given: dict[str, Any]) -> None:
    _moved(
        change_severity,
        incident_id=incident.pk,
        severity=int(given["severity"]),
        reason=given["reason"],
        by=actor_for(person, via="web"),
    )


def _role(incident: Incident, person: Person, given: dict[str, Any]) -> None:
    by = actor_for(person, via="web")
    _moved(assign_role, incident_id=incident.pk, role=given["role"], person=given["person"], by=by)


def _command(incident: Incident, person: Person, _given: dict[str, Any]) -> None:
    _moved(take_command, incident_id=incident.pk, person=person, by=actor_for(person, via="web"))


def _note(incident: Incident, person: Person, given: dict[str, Any]) -> None:
    _moved(add_note, incident_id=incident.pk, text=given["text"], by=actor_for(person, via="web"))


def _decision(incident: Incident, person: Person, given: dict[str, Any]) -> None:
    _moved(decide, incident_id=incident.pk, by=actor_for(person, via="web"), **given)


def _responders(incident: Incident, person: Person, given: dict[str, Any]) -> None:
    by = actor_for(person, via="web")
    _moved(add_responders, incident_id=incident.pk, people=list(given["people"]), by=by)


def _rename(incident: Incident, person: Person, given: dict[str, Any]) -> None:
    by = actor_for(person, via="web")
    _moved(rename, incident_id=incident.pk, title=given["title"], summary=given["summary"], by=by)


def _merge(incident: Incident, person: Person, given: dict[str, Any]) -> None:
    into = access_incident(person, given["into"].pk)
    _moved(merge, incident_id=incident.pk, into_id=into.pk, by=actor_for(person, via="web"))


def _ending(operation: Callable[..., object], word: str) -> Do:
    def end(incident: Incident, person: Person, given: dict[str, Any]) -> None:
        _moved(operation, incident_id=incident.pk, by=actor_for(person, via="web"), **{word: given["note"]})

    return end


MOVES: Final[dict[str, Callable[..., HttpResponse]]] = {
    "status": _move(RESPOND, forms.StatusForm, _status, "The status is changed."),
    "severity": _move(RESPOND, forms.SeverityForm, _severity, "The severity is changed."),
    "role": _move(RESPOND, forms.RoleForm, _role, "The role is handed over."),
    "command": _move(COMMAND, None, _command, "You have command."),
    "note": _move(NOTE, forms.NoteForm, _note, "Noted."),
    "decision": _move(NOTE, forms.DecisionForm, _decision, "Recorded."),
    "responders": _move(RESPOND, forms.RespondersForm, _responders, "They are being called."),
    "rename": _move(RESPOND, forms.RenameForm, _rename, "Changed."),
    "merge": _move(RESPOND, forms.MergeForm, _merge, "Merged."),
    "resolve": _move(RESPOND, forms.EndForm, _ending(resolve, "note"), "Resolved. Nobody is called any more."),
    "close": _move(RESPOND, forms.EndForm, _ending(close, "note"), "Closed."),
    "decline": _move(RESPOND, forms.EndForm, _ending(decline, "reason"), "Declined. Nobody is called any more."),
    "reopen": _move(RESPOND, forms.EndForm, _ending(reopen, "reason"), "Open again."),
}
"""Each verb of the room by its address."""
