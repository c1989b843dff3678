"""Say which contact method is used after how long."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from ledger.actor import Actor
from ledger.rules import JSON
from notifications.models import ContactRule, Urgency
from notifications.operations.contact_lock import lock_contact_method
from notifications.operations.contact_record import record_contact
from people.models import Person
from web.errors import BadInput, NotFound

LONGEST_S: Final = 3_600
"""An hour: whoever waits longer than that was not woken."""
MOST_REDIALS: Final = 5
SHORTEST_PAUSE_S: Final = 30


def add_contact_rule(
    *,
    contact_method_id: UUID | str,
    urgency: str,
    delay_s: int,
    by: Actor,
    now: datetime,
    redials: int = 0,
    redial_after_s: int = 60,
) -> ContactRule:
    """Use a contact method `delay_s` seconds after a page of `urgency` calls its owner; the same rule twice is one, and
    redials as it was said last.

    Raises `BadInput`. Locks the contact method.
    """
    errors = {}
    if urgency not in Urgency.values:
        errors["urgency"] = _("Choose high or low urgency.")
    if not 0 <= delay_s <= LONGEST_S:
        errors["delay_s"] = _("Choose a delay of up to an hour.")
    if not (0 <= redials <= MOST_REDIALS and SHORTEST_PAUSE_S <= redial_after_s <= LONGEST_S):
        errors["redial"] = _("Choose up to five further calls, at least 30 seconds apart.")
    if errors:
        raise BadInput(" ".join(errors.values()), errors=errors)
    method = lock_contact_method(contact_method_id)
    again = {"redials": redials, "redial_after_s": redial_after_s}
    rule, made = ContactRule.objects.get_or_create(
        person_id=method.person_id, urgency=urgency, contact_method=method, delay_s=delay_s, defaults=again
    )
    changed = not made and (rule.redials, rule.redial_after_s) != (redials, redial_after_s)
    if changed:
        rule.redials, rule.redial_after_s = redials, redial_after_s
        rule.save(update_fields=list(again))
    if made or changed:
        more: dict[str, JSON] = {"urgency": urgency, "delay_s": delay_s}
        more |= again if redials else {}
        record_contact(method, verb="contact_rule.added", by=by, now=now, more=more)
    return rule


def remove_contact_rule(*, rule_id: int, person: Person, by: Actor, now: datetime) -> None:
    """Take one of a person's rules away; raise `NotFound`. Locks its contact method."""
    rule = ContactRule.objects.filter(pk=rule_id, person=person).first()
    if rule is None:
        raise NotFound(_("There is no such rule; perhaps it was removed already."))
    method = lock_contact_method(rule.contact_method_id)
    more: dict[str, JSON] = {"urgency": rule.urgency, "delay_s": rule.delay_s}
    record_contact(method, verb="contact_rule.removed", by=by, now=now, more=more)
    rule.delete()
