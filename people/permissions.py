"""Who may do what: capabilities by role. Every door asks here; nothing else compares roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from people.models import Role
from web.errors import NotAllowed

if TYPE_CHECKING:
    from people.models import Person

READ: Final = "read"
"""See incidents that are not private, pages, alerts, people, schedules."""
READ_PRIVATE: Final = "read_private"
"""See every private incident; others see only those they take part in."""
DECLARE: Final = "declare"
RESPOND: Final = "respond"
"""Change an incident: status, severity, roles, responders, merge, resolve."""
NOTE: Final = "note"
PAGE: Final = "page"
"""Page other people; answering one's own page needs no capability."""
COMMAND: Final = "command"
DECIDE: Final = "decide"
COMMUNICATE: Final = "communicate"
ADMINISTER: Final = "administer"
"""Change people, policies, rules, schedules, keys."""
AUDIT: Final = "audit"
"""Read the ledger, deliveries and quarantine as a whole."""
OVERRIDE_SCHEDULE: Final = "override_schedule"
DRAFT_UPDATE: Final = "draft_update"
"""Write what customers will read: status updates, maintenance, replies to comments."""
APPROVE_UPDATE: Final = "approve_update"
"""Be the second person who lets it out, and publish it."""
WRITE_PLAN: Final = "write_plan"
REVIEW_PLAN: Final = "review_plan"
"""Be the second person who publishes a version of a plan."""
RUN_PLAN: Final = "run_plan"
"""Start, stop and steer runs; doing one's own step needs no capability."""

_EVERYBODY = {READ, DECLARE, NOTE}
_PUBLISHING = {DRAFT_UPDATE, APPROVE_UPDATE}
_PLANNING = {WRITE_PLAN, REVIEW_PLAN, RUN_PLAN}
BY_ROLE: Final[dict[str, frozenset[str]]] = {
    Role.ADMINISTRATOR: frozenset(
        _EVERYBODY
        | {READ_PRIVATE, RESPOND, PAGE, COMMAND, DECIDE, COMMUNICATE, ADMINISTER, AUDIT, OVERRIDE_SCHEDULE}
        | _PUBLISHING
        | _PLANNING
    ),
    Role.RESPONDER: frozenset(_EVERYBODY | {RESPOND, PAGE, COMMAND, OVERRIDE_SCHEDULE, DRAFT_UPDATE} | _PLANNING),
    Role.EXECUTIVE: frozenset(
        _EVERYBODY | {READ_PRIVATE, RESPOND, PAGE, COMMAND, DECIDE, REVIEW_PLAN, RUN_PLAN} | _PUBLISHING
    ),
    Role.COMMUNICATIONS: frozenset(_EVERYBODY | {RESPOND, PAGE, COMMUNICATE} | _PUBLISHING),
    Role.OBSERVER: frozenset({READ, DECLARE}),
    Role.AUDITOR: frozenset({READ, READ_PRIVATE, AUDIT}),
}


def may(person: Person, capability: str) -> bool:
    """Tell whether this person holds a capability; people who left hold none."""
    return person.is_active and capability in BY_ROLE[person.role]


def require(person: Person, capability: str) -> None:
    """Raise `NotAllowed` with a sentence a person understands unless they hold the capability."""
    if not may(person, capability):
        role = Role(person.role).label
        raise NotAllowed(f"Your role ({role}) does not include this. Ask an administrator or the incident commander.")
