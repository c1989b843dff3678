"""The modals of an incident's room: update, note, decision, role, resolve. Each remembers the incident's id."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from incidents.forms import STATUSES, severity_choices
from incidents.models import Incident, RoleName
from rooms.slack import blocks
from rooms.slack.blocks import Block, Option
from rooms.slack.typed import to_remember

LONGEST_NOTE: Final = 3000
PREFIX: Final = "incident"
"""The family of the callbacks: `incident:update` …"""


def update_modal(incident: Incident) -> Block:
    """Return the modal for where the incident stands, how bad it is, and what changed."""
    chosen = incident.status if incident.status in {value for value, _label in STATUSES} else ""
    return _modal(
        incident,
        name="update",
        title=_("Update"),
        submit=_("Save"),
        fields=[
            blocks.select_input(
                "status",
                _("Status"),
                [Option(value=value, label=str(label)) for value, label in STATUSES],
                placeholder=incident.get_status_display(),
                chosen=chosen,
                optional=True,
            ),
            blocks.select_input(
                "severity",
                _("How bad is it?"),
                [Option(value=value, label=label) for value, label in severity_choices()],
                placeholder=_("Choose"),
                chosen=str(incident.severity),
                hint=_("Raising it calls whoever is needed then. Say below why it changes."),
            ),
            blocks.text_input("note", _("What changed?"), most=LONGEST_NOTE, multiline=True, optional=True),
        ],
    )


def note_modal(incident: Incident) -> Block:
    """Return the modal for a note in the timeline."""
    field = blocks.text_input("note", _("Note"), most=LONGEST_NOTE, multiline=True)
    return _modal(incident, name="note", title=_("Note"), submit=_("Add"), fields=[field])


def decision_modal(incident: Incident) -> Block:
    """Return the modal for what was decided."""
    fields = [
        blocks.text_input(
            "decision",
            _("What was decided?"),
            hint=_("It stays in the timeline, with your name and the time."),
            most=LONGEST_NOTE,
            multiline=True,
        ),
        blocks.text_input("because", _("Why?"), most=1000, multiline=True, optional=True),
    ]
    return _modal(incident, name="decision", title=_("Decision"), submit=_("Record it"), fields=fields)


def role_modal(incident: Incident) -> Block:
    """Return the modal for handing a role to somebody of the workspace."""
    fields = [
        blocks.select_input(
            "role",
            _("Role"),
            [Option(value=value, label=str(label)) for value, label in RoleName.choices],
            placeholder=_("Choose"),
        ),
        blocks.users_input("person", _("Who has it from now on?"), placeholder=_("Choose somebody")),
    ]
    return _modal(incident, name="role", title=_("Roles"), submit=_("Hand it over"), fields=fields)


def resolve_modal(incident: Incident) -> Block:
    """Return the modal that resolves an incident."""
    field = blocks.text_input(
        "note",
        _("What should be known?"),
        hint=_("Nobody is called any more."),
        most=LONGEST_NOTE,
        multiline=True,
        optional=True,
    )
    return _modal(incident, name="resolve", title=_("Resolve"), submit=_("Resolve"), fields=[field])


def _modal(incident: Incident, *, name: str, title: str, submit: str, fields: list[Block]) -> Block:
    about = blocks.section(blocks.bold(incident.headline))
    return blocks.modal(
        title=title,
        callback=f"{PREFIX}:{name}",
        blocks=[about, *fields],
        submit=submit,
        close=_("Cancel"),
        metadata=to_remember(incident=str(incident.pk)),
    )
