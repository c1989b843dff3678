"""Acknowledging: whose answer counts, what it stops, and what it says."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from ledger.actor import Actor
from notifications.answers import Answer
from notifications.models import Delivery, Page, PageRecheck, Responder
from notifications.operations.acknowledge import acknowledge
from notifications.operations.add_responders import add_responders
from notifications.operations.cancel_pages import cancel_pages
from notifications.operations.escalate import escalate
from people.models import Person
from tests.builders import NOW, by, make_page, make_person, make_policy
from tests.notifications.watching import advance, called, pending, record, states, verbs
from web.errors import NotFound

pytestmark = pytest.mark.django_db


def answer(page: Page, person: Person, *, actor: Actor | None = None, minutes: float = 1) -> Answer:
    with transaction.atomic():
        return acknowledge(
            page_id=page.pk, person=person, by=actor or by(person, "voice"), now=NOW + timedelta(minutes=minutes)
        )


def test_one_acknowledgement_stops_everything() -> None:
    ada, vic = make_person("Ada"), make_person("Vic")
    page = make_page(make_policy((300, [ada, vic]), (300, [make_person("Mia")])), subject="incident:1042")
    advance()
    reply = answer(page, ada)
    assert (reply.changed, reply.sentence) == (True, "Ada, you have acknowledged it.")
    page.refresh_from_db()
    assert (page.state, page.acknowledged_by, page.next_step_at) == ("acknowledged", ada, None)
    assert page.acknowledged_at == NOW + timedelta(minutes=1)
    assert pending(page) == []
    assert advance(60) == 0
    assert len(called(page)) == 4
    assert verbs(page) == ["started", "called", "acknowledged"]
    entry = record(page)[-1]
    assert (entry.actor_name, entry.actor_via, entry.payload["via"]) == ("Ada", "voice", "voice")
    assert PageRecheck.objects.filter(subject="incident:1042").count() == 3


def test_what_rings_is_withdrawn() -> None:
    ada = make_person("Ada", methods=["voice"])
    page = make_page(ada)
    advance()
    Delivery.objects.filter(page=page).update(state="sent", sent_at=NOW)
    answer(page, ada)
    assert Delivery.objects.get(page=page).withdraw_at == NOW + timedelta(minutes=1)


def test_repeating_it_changes_nothing() -> None:
    ada = make_person("Ada")
    page = make_page(ada)
    advance()
    answer(page, ada)
    again = answer(page, ada, minutes=2)
    assert not again.changed
    assert again.sentence == "You have it since 03:01."
    assert verbs(page) == ["started", "called", "acknowledged"]
    page.refresh_from_db()
    assert page.acknowledged_at == NOW + timedelta(minutes=1)


def test_several_must_acknowledge_and_the_others_keep_being_paged() -> None:
    ada, vic, mia = (make_person(name, methods=["sms"]) for name in ("Ada", "Vic", "Mia"))
    page = make_page(make_policy((300, [ada, vic]), (300, [ada, mia]), required=2))
    advance()
    assert answer(page, ada).sentence == "Ada, you have acknowledged it. Vic is still being called."
    page.refresh_from_db()
    assert page.state == "paging"
    assert pending(page) == [("Vic", "sms")]
    assert answer(page, ada, minutes=2).changed is False
    advance(5)
    assert called(page) == [("Ada", "sms", 0), ("Vic", "sms", 0), ("Mia", "sms", 5)]
    reply = answer(page, vic, minutes=6)
    assert reply.page.state == "acknowledged"
    assert pending(page) == []
    assert verbs(page) == ["started", "called", "acknowledged", "called", "acknowledged"]


def test_a_later_search_can_page_an_earlier_acknowledger_again() -> None:
    ada, vic = make_person("Ada", methods=["sms"]), make_person("Vic", methods=["sms"])
    page = make_page(make_policy((300, [ada]), (300, [ada, vic]), required=1))
    advance()
    answer(page, ada)
    escalate(page_id=page.pk, by=by(vic), now=NOW + timedelta(minutes=10))  # from the web, before Vic was called
    assert called(page) == [("Ada", "sms", 0), ("Ada", "sms", 10), ("Vic", "sms", 10)]


def test_two_answers_of_one_person_are_one() -> None:
    ada = make_person("Ada", methods=["sms"])
    page = make_page(make_policy((300, [ada]), (300, [make_person("Vic", methods=["sms"])]), required=2))
    advance()
    answer(page, ada)
    answer(page, ada, minutes=2)
    page.refresh_from_db()
    assert page.state == "paging"


def test_when_nobody_else_may_answer_the_next_level_is_called_at_once() -> None:
    ada = make_person("Ada", methods=["sms"])
    page = make_page(make_policy((300, [ada]), (300, [make_person("Vic", methods=["sms"])]), required=2))
    advance()
    assert answer(page, ada).sentence == "Ada, you have acknowledged it. The next ones are called now."
    advance(1)
    assert called(page) == [("Ada", "sms", 0), ("Vic", "sms", 1)]


def test_an_answer_on_somebodys_behalf_stops_their_messages_and_counts_for_nothing() -> None:
    ada, cam = make_person("Ada", methods=["sms"]), make_person("Cam")
    page = make_page(make_policy((300, [ada]), rounds=2))
    advance()
    reply = answer(page, ada, actor=by(cam, "api"))
    assert reply.sentence == (
        "Recorded that Cam answered for Ada. It stops their messages, but their own answer is still needed."
    )
    assert answer(page, ada, actor=by(cam, "api"), minutes=2).changed is False
    page.refresh_from_db()
    assert page.state == "paging"
    assert pending(page) == []
    assert Responder.objects.get(page=page).on_behalf_by == "Cam"
    assert advance(4.9) == 0
    advance(5)
    assert called(page) == [("Ada", "sms", 0), ("Ada", "sms", 5)]
    assert answer(page, ada, minutes=6).page.state == "acknowledged"
    assert Responder.objects.get(page=page).on_behalf_by == ""


def test_somebody_who_was_not_called_may_acknowledge_too() -> None:
    page = make_page(make_person("Ada"))
    advance()
    sue = make_person("Sue")
    assert answer(page, sue).page.state == "acknowledged"
    assert states(page) == {"Ada": "called", "Sue": "acknowledged"}


def test_before_anybody_was_called_it_counts_too() -> None:
    ada = make_person("Ada")
    page = make_page(ada)
    assert answer(page, ada, minutes=0).page.state == "acknowledged"
    assert advance() == 0


def test_when_somebody_has_it_others_hear_who_and_change_nothing() -> None:
    ada, vic = make_person("Ada"), make_person("Vic")
    page = make_page(ada)
    advance()
    answer(page, ada)
    reply = answer(page, vic, minutes=2)
    assert (reply.changed, reply.sentence) == (False, "Ada has it since 03:01.")
    assert states(page) == {"Ada": "acknowledged"}


def test_who_was_called_too_may_still_answer_and_is_noted() -> None:
    ada, vic = make_person("Ada"), make_person("Vic")
    vic.time_zone = "Europe/Stockholm"
    vic.save()
    page = make_page(make_policy((300, [ada, vic])))
    advance()
    answer(page, ada)
    reply = answer(page, vic, minutes=2)
    assert (reply.changed, reply.sentence) == (True, "Vic, you have acknowledged it. Ada has it since 04:01.")
    assert states(page) == {"Ada": "acknowledged", "Vic": "acknowledged"}
    page.refresh_from_db()
    assert page.acknowledged_by == ada


def test_people_added_after_an_acknowledgement_are_called_and_can_stop_their_own_calls() -> None:
    ada, sid, leo = make_person("Ada"), make_person("Sid", methods=["sms"]), make_person("Leo", methods=["sms"])
    page = make_page(ada)
    advance()
    answer(page, ada)
    add_responders(page_id=page.pk, people=[sid, leo, ada], by=by(ada), now=NOW + timedelta(minutes=2))
    assert pending(page) == [("Sid", "sms"), ("Leo", "sms")]
    assert answer(page, sid, minutes=3).changed
    assert pending(page) == [("Leo", "sms")]
    page.refresh_from_db()
    assert (page.state, page.acknowledged_by) == ("acknowledged", ada)


def test_an_answer_as_it_ends_does_not_reopen_it() -> None:
    ada = make_person("Ada")
    page = make_page(ada, subject="incident:1042")
    advance()
    with transaction.atomic():
        cancel_pages(subject="incident:1042", reason="resolved", by=Actor.system(), now=NOW)
    reply = answer(page, ada)
    assert (reply.changed, reply.sentence) == (False, "This is over (resolved); you need not do anything.")
    page.refresh_from_db()
    assert page.state == "cancelled"
    assert states(page) == {"Ada": "called"}


def test_an_answer_that_waited_for_a_new_search_counts_for_it() -> None:
    ada = make_person("Ada", methods=["sms"])
    page = make_page(ada)
    advance()
    Page.objects.filter(pk=page.pk).update(paging_since=NOW + timedelta(seconds=61))
    assert answer(page, ada).page.state == "acknowledged"


def test_there_is_no_such_page() -> None:
    ada = make_person("Ada")
    for page_id in (uuid4(), "nonsense"):
        with pytest.raises(NotFound):
            acknowledge(page_id=page_id, person=ada, by=by(ada), now=NOW)


@pytest.mark.django_db(transaction=True)
def test_it_insists_on_a_transaction() -> None:
    ada = make_person("Ada")
    page = make_page(ada)
    with pytest.raises(TransactionManagementError):
        acknowledge(page_id=page.pk, person=ada, by=by(ada), now=NOW)
