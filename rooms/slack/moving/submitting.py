"""What is sent from the modals of an incident's room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from incidents.models import Incident
from incidents.operations.add_note import add_note
from incidents.operations.assign_role import assign_role
from incidents.operations.change_severity import change_severity
from incidents.operations.change_status import change_status
from incidents.operations.decide import decide
from incidents.operations.resolve import resolve
from ledger.actor import Actor
from people.actors import actor_for
from people.models import Person
from people.permissions import NOTE, RESPOND, require
from rooms.slack import people
from rooms.slack.inbound import tell
from rooms.slack.moving.modals import PREFIX
from rooms.slack.once import first_time
from rooms.slack.registry import Came, on
from rooms.slack.typed import remembered, typed
from rooms.slack.visibility import access_in_slack
from web.errors import BadInput, NotFound

Move = Callable[[Came, Incident, Actor], str]
"""Makes the move in the caller's transaction and returns the sentence that confirms it."""


def _update(came: Came, incident: Incident, by: Actor) -> str:
    status, severity, note = (typed(came.view, name) for name in ("status", "severity", "note"))
    moved = False
    if severity in ("1", "2", "3", "4") and int(severity) != incident.severity:
        change_severity(incident_id=incident.pk, severity=int(severity), reason=note, by=by, now=came.now)
        moved = True
    if status and status != incident.status:
        # The words stand once: with the severity if that changed, for it is what they explain.
        words = "" if moved else note
        change_status(incident_id=incident.pk, status=status, note=words, by=by, now=came.now)
        moved = True
    if not moved:
        add_note(incident_id=incident.pk, text=note, by=by, now=came.now)
        return _("Noted.")
    return _("Changed.")


def _note(came: Came, incident: Incident, by: Actor) -> str:
    add_note(incident_id=incident.pk, text=typed(came.view, "note"), by=by, now=came.now)
    return _("Noted.")


def _decision(came: Came, incident: Incident, by: Actor) -> str:
    because = typed(came.view, "because")
    decide(incident_id=incident.pk, text=typed(came.view, "decision"), because=because, by=by, now=came.now)
    return _("Recorded.")


def _role(came: Came, incident: Incident, by: Actor) -> str:
    whom = people.person_of(typed(came.view, "person"))
    if whom is None:
        raise NotFound(_("That person is not linked with Muster, so they can't be given a role from here."))
    assign_role(incident_id=incident.pk, role=typed(came.view, "role"), person=whom, by=by, now=came.now)
    return _("The role is handed over.")


def _resolve(came: Came, incident: Incident, by: Actor) -> str:
    resolve(incident_id=incident.pk, note=typed(came.view, "note"), by=by, now=came.now)
    return _("Resolved. Nobody is called any more.")


MOVES: Final[dict[str, tuple[str, Move]]] = {
    "update": (RESPOND, _update),
    "note": (NOTE, _note),
    "decision": (NOTE, _decision),
    "role": (RESPOND, _role),
    "resolve": (RESPOND, _resolve),
}


def register_submissions() -> None:
    """Let the doors know the modals."""
    for name in MOVES:
        on("submission", f"{PREFIX}:{name}", at_once=check, later=move)


def check(came: Came) -> dict[str, Any] | None:
    """Say at the field what is missing; None closes the modal. Raises `Refusal` for whoever may not."""
    person, incident, name = _meant(came)
    require(person, MOVES[name][0])
    with translation.override(person.language):
        unchanged = typed(came.view, "status") in ("", incident.status) and typed(came.view, "severity") in (
            "",
            str(incident.severity),
        )
        wanted = {
            "update": {} if not unchanged else {"note": _("Change something, or say what happened.")},
            "note": {"note": _("Write what you found or did.")},
            "decision": {"decision": _("Write what was decided.")},
            "role": {"person": _("Choose somebody."), "role": _("Choose a role.")},
        }
        errors = {field: words for field, words in wanted.get(name, {}).items() if not typed(came.view, field)}
        if name == "role" and not errors and people.person_of(typed(came.view, "person")) is None:
            errors = {"person": _("That person is not linked with Muster yet.")}
    return {"response_action": "errors", "errors": errors} if errors else None


def move(came: Came) -> None:
    """Make the move and say what was done. Doubled, it changes nothing. Raises `Refusal`."""
    person, incident, name = _meant(came)
    capability, make = MOVES[name]
    require(person, capability)
    with translation.override(person.language), transaction.atomic():
        if first_time(came):
            tell(came, make(came, incident, actor_for(person, via="slack")), now=came.now)


def _meant(came: Came) -> tuple[Person, Incident, str]:
    if came.person is None:
        raise NotFound(_("Muster does not know yet who you are."))
    name = came.name.partition(":")[2]
    if name not in MOVES:
        raise BadInput(_("That means nothing any more."))
    return came.person, access_in_slack(came.person, remembered(came.view).get("incident", "")), name
