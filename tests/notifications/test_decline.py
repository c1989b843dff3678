"""Declining: "I can't, next please"."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.answers import Answer
from notifications.models import Page
from notifications.operations.acknowledge import acknowledge
from notifications.operations.decline import decline
from notifications.rules.frozen_policy import people_level
from people.models import Person
from tests.builders import NOW, by, freeze_levels, make_page, make_person, make_policy
from tests.notifications.watching import advance, called, pending, record, states, verbs
from web.errors import IllegalMove

pytestmark = pytest.mark.django_db


def refuse(page: Page, person: Person, *, minutes: float = 1, reason: str = "") -> Answer:
    return decline(
        page_id=page.pk, person=person, by=by(person, "voice"), now=NOW + timedelta(minutes=minutes), reason=reason
    )


def test_the_next_level_is_called_at_once_when_nobody_is_left() -> None:
    ada, vic = make_person("Ada"), make_person("Vic", methods=["sms"])
    page = make_page(make_policy((300, [ada]), (300, [vic])))
    advance()
    reply = refuse(page, ada, reason="On a plane")
    assert reply.sentence == "Understood, Ada. Vic is called now."
    assert pending(page) == [("Vic", "sms")]
    assert states(page) == {"Ada": "declined", "Vic": "called"}
    assert verbs(page) == ["started", "called", "declined", "called"]
    assert record(page)[2].personal_text == "On a plane"
    page.refresh_from_db()
    assert page.next_step_at == NOW + timedelta(minutes=6)


def test_while_others_may_still_answer_they_have_their_time() -> None:
    ada, vic = make_person("Ada", methods=["sms"]), make_person("Vic", methods=["sms"])
    page = make_page(make_policy((300, [ada, vic]), (300, [make_person("Mia")])))
    advance()
    assert refuse(page, ada).sentence == "Understood, Ada. Vic is still being called."
    assert pending(page) == [("Vic", "sms")]
    page.refresh_from_db()
    assert page.next_step_at == NOW + timedelta(minutes=5)


def test_a_successor_is_called_for_who_declines_and_the_other_is_not_late() -> None:
    vic, vera, mia, max_ = (make_person(name, methods=["sms"]) for name in ("Vic", "Vera", "Mia", "Max"))
    tier = people_level([(str(p.pk), p.name) for p in (vic, vera)], delay_s=300)
    line = [people_level([(str(p.pk), p.name)], delay_s=120, until_enough=True) for p in (mia, max_)]
    page = make_page(freeze_levels(tier, *line, required=2))
    advance()
    refuse(page, vic)
    assert states(page) == {"Vic": "declined", "Vera": "called", "Mia": "called"}


def test_repeating_it_calls_nobody_further() -> None:
    ada = make_person("Ada")
    page = make_page(make_policy((300, [ada]), (300, [make_person("Vic")]), (300, [make_person("Mia")])))
    advance()
    refuse(page, ada)
    assert refuse(page, ada, minutes=2).changed is False
    assert states(page) == {"Ada": "declined", "Vic": "called"}


def test_when_everybody_declined_everybody_and_the_administrators_are_called() -> None:
    ada = make_person("Ada")
    make_person("Alma", methods=["sms"])
    page = make_page(ada)
    advance()
    assert refuse(page, ada).sentence == (
        "Understood, Ada. Nobody else is left on this policy: everybody and the administrators are called now."
    )
    advance(1)
    assert {name for name, _, _ in called(Page.objects.get(fallback_of=page))} == {"Ada", "Alma"}


def test_who_had_it_can_give_it_back() -> None:
    ada, vic = make_person("Ada"), make_person("Vic", methods=["sms"])
    page = make_page(make_policy((300, [ada]), (300, [vic])))
    advance()
    acknowledge(page_id=page.pk, person=ada, by=by(ada), now=NOW + timedelta(minutes=1))
    assert refuse(page, ada, minutes=30).sentence == "Understood, Ada. Vic is called now."
    page.refresh_from_db()
    assert (page.state, page.acknowledged_by) == ("paging", None)
    assert pending(page) == [("Vic", "sms")]


def test_others_who_were_called_may_decline_without_taking_it_from_who_has_it() -> None:
    ada, vic = make_person("Ada"), make_person("Vic")
    page = make_page(make_policy((300, [ada, vic])))
    advance()
    acknowledge(page_id=page.pk, person=ada, by=by(ada), now=NOW + timedelta(minutes=1))
    refuse(page, vic, minutes=2)
    page.refresh_from_db()
    assert (page.state, page.acknowledged_by) == ("acknowledged", ada)


def test_somebody_who_was_not_called_has_nothing_to_decline() -> None:
    page = make_page(make_person("Ada"))
    advance()
    with pytest.raises(IllegalMove, match="did not call you"):
        refuse(page, make_person("Sam"))


def test_after_the_end_nothing_changes() -> None:
    ada = make_person("Ada")
    page = make_page(ada)
    advance()
    Page.objects.filter(pk=page.pk).update(state="cancelled", cancel_reason="resolved", ended_at=NOW, next_step_at=None)
    assert refuse(page, ada).changed is False
    assert states(page) == {"Ada": "called"}
