"""Quiet pages in one text, where something goes wrong."""

from __future__ import annotations

from engine import clock, duties
from notifications.models import Attempt, Delivery, Page
from notifications.operations.send_delivery import send_delivery
from people.models import Person
from tests.builders import make_page, make_person
from tests.phones import Phones


def quietly_paged(person: Person, *titles: str) -> list[Delivery]:
    """Page somebody quietly and let the first text be due; return the deliveries, oldest first."""
    now = clock.now()
    for title in titles:
        make_page(person, title=title, urgency="low", now=now)
    duties.run_once("pages", now=now)
    deliveries = list(Delivery.objects.filter(channel="sms").order_by("not_before", "pk"))
    Delivery.objects.filter(pk=deliveries[0].pk).update(not_before=now)
    return deliveries


def test_the_first_waits_half_a_minute_and_the_others_behind_it(phones: Phones) -> None:
    first, second = quietly_paged(make_person("Ada", methods=["sms"]), "Disk full", "Mail is late")
    assert 29 < (first.not_before - first.created_at).total_seconds() < 31
    assert 4 < (second.not_before - first.not_before).total_seconds() < 6


def test_a_text_about_several_whose_answer_was_lost_is_found_and_not_sent_again(phones: Phones) -> None:
    ada = make_person("Ada", methods=["sms"])
    phones.script({ada.contact_methods.get().address: {"disconnect": "after", "count": 1}})
    first, _second = quietly_paged(ada, "Disk full", "Mail is late")
    send_delivery(first.pk)
    (text,) = phones.wait_for("messages")
    assert set(Delivery.objects.values_list("provider_ref", flat=True)) == {text["sid"]}
    assert sorted(Attempt.objects.values_list("result", flat=True)) == ["found", "found", "unknown", "unknown"]


def test_what_has_ended_or_is_switched_off_goes_with_nothing(phones: Phones) -> None:
    ada = make_person("Ada", methods=["sms"])
    first, second, third = quietly_paged(ada, "Disk full", "Mail is late", "Backup is overdue")
    Page.objects.filter(deliveries=second).update(state="cancelled", cancel_reason="resolved", ended_at=clock.now())
    send_delivery(first.pk)
    (text,) = phones.wait_for("messages")
    assert "2 pages: " in text["text"]
    assert "Mail is late" not in text["text"]
    second.refresh_from_db()
    third.refresh_from_db()
    assert (second.state, third.state) == ("cancelled", "sent")


def test_an_urgent_page_waits_for_nobody(phones: Phones) -> None:
    ada = make_person("Ada", methods=["sms"])
    now = clock.now()
    make_page(ada, title="Power lost in hall 2", now=now)
    duties.run_once("pages", now=now)
    urgent = Delivery.objects.get()
    assert urgent.not_before <= urgent.created_at
