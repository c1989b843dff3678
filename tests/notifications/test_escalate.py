"""Escalating by hand: the next level now."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.answers import Answer
from notifications.models import Page
from notifications.operations.acknowledge import acknowledge
from notifications.operations.escalate import escalate
from people.models import Person
from tests.builders import NOW, by, make_page, make_person, make_policy
from tests.notifications.watching import advance, called, pending, states, verbs
from web.errors import IllegalMove

pytestmark = pytest.mark.django_db


def push(page: Page, person: Person, *, minutes: float = 1) -> Answer:
    return escalate(page_id=page.pk, by=by(person), now=NOW + timedelta(minutes=minutes))


def test_the_next_level_is_called_without_waiting() -> None:
    ada, vic = make_person("Ada", methods=["sms"]), make_person("Vic", methods=["sms"])
    page = make_page(make_policy((300, [ada]), (300, [vic])))
    advance()
    assert push(page, make_person("Cam")).sentence == "Escalated. Vic is called now."
    assert called(page) == [("Ada", "sms", 0), ("Vic", "sms", 1)]
    assert states(page) == {"Ada": "late", "Vic": "called"}
    assert verbs(page) == ["started", "called", "escalated", "called"]
    assert advance(5.9) == 0


def test_an_acknowledged_page_returns_to_paging_and_calls_the_next_level() -> None:
    ada, vic = make_person("Ada", methods=["sms"]), make_person("Vic", methods=["sms"])
    page = make_page(make_policy((300, [ada]), (300, [vic]), remind_after_s=600))
    advance()
    acknowledge(page_id=page.pk, person=ada, by=by(ada), now=NOW + timedelta(minutes=1))
    push(page, ada, minutes=2)
    page.refresh_from_db()
    assert (page.state, page.acknowledged_by, page.level) == ("paging", None, 2)
    assert pending(page) == [("Vic", "sms")]
    assert states(page) == {"Ada": "acknowledged", "Vic": "called"}
    # Ada's answer belongs to the search before: it takes a new one.
    acknowledge(page_id=page.pk, person=vic, by=by(vic), now=NOW + timedelta(minutes=3))
    page.refresh_from_db()
    assert (page.state, page.acknowledged_by) == ("acknowledged", vic)


def test_who_is_called_and_escalates_has_said_not_me() -> None:
    ada, vic = make_person("Ada"), make_person("Vic", methods=["sms"])
    page = make_page(make_policy((300, [ada]), (300, [ada, vic])))
    advance()
    push(page, ada)
    assert states(page) == {"Ada": "declined", "Vic": "called"}
    assert pending(page) == [("Vic", "sms")]


def test_who_has_it_and_needs_more_does_not_call_themselves() -> None:
    ada = make_person("Ada", methods=["sms"])
    make_person("Alma", methods=["sms"])
    page = make_page(make_policy((300, [ada]), rounds=3))
    advance()
    acknowledge(page_id=page.pk, person=ada, by=by(ada), now=NOW + timedelta(minutes=1))
    push(page, ada, minutes=2)
    assert called(page) == [("Ada", "sms", 0)]
    advance(2)
    assert ("Alma", "sms", 2) in called(Page.objects.get(fallback_of=page))


def test_after_the_last_level_of_the_last_round_everybody_is_called() -> None:
    page = make_page(make_policy((300, [make_person("Ada", methods=["sms"])]), rounds=1))
    advance()
    reply = push(page, make_person("Cam"))
    assert reply.sentence == (
        "Escalated. Nobody else is left on this policy: everybody and the administrators are called now."
    )
    advance(1)
    assert called(Page.objects.get(fallback_of=page)) == [("Ada", "sms", 1)]


def test_what_is_over_cannot_be_escalated() -> None:
    ada = make_person("Ada")
    page = make_page(ada)
    Page.objects.filter(pk=page.pk).update(state="cancelled", cancel_reason="resolved", ended_at=NOW, next_step_at=None)
    with pytest.raises(IllegalMove, match="over"):
        push(page, ada)
