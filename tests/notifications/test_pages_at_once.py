"""Two hands on one page at the same moment, with real commits: each message is written once, no answer is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TypeVar

import pytest
from django.db import connection, transaction

from notifications.models import Delivery, Page, Responder
from notifications.operations.acknowledge import acknowledge
from notifications.operations.advance_pages import advance_pages
from notifications.operations.cancel_pages import cancel_pages
from notifications.operations.escalate import escalate
from people.models import Person
from tests.builders import NOW, by, make_page, make_person, make_policy
from tests.notifications.watching import pending, record, verbs

pytestmark = pytest.mark.django_db(transaction=True)

T = TypeVar("T")
PATIENCE_S = 20.0


def at_once(*moves: Callable[[], T]) -> list[T]:
    """Run each move in a thread with a connection of its own, starting together; return what they returned."""
    ready = threading.Barrier(len(moves))
    results: dict[int, T] = {}
    errors: list[BaseException] = []

    def run(number: int, move: Callable[[], T]) -> None:
        try:
            connection.ensure_connection()
            ready.wait(PATIENCE_S)
            results[number] = move()
        except BaseException as error:  # noqa: BLE001 - handed to the test
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number, move)) for number, move in enumerate(moves)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert not errors, errors
    return [results[number] for number in range(len(moves))]


def advance_at(minutes: float) -> int:
    return advance_pages(now=NOW + timedelta(minutes=minutes))


def acknowledge_at(page: Page, person: Person, minutes: float) -> str:
    with transaction.atomic():
        return acknowledge(page_id=page.pk, person=person, by=by(person), now=NOW + timedelta(minutes=minutes)).sentence


def test_two_engines_on_one_due_page_write_one_set_of_messages() -> None:
    page = make_page(make_policy((300, [make_person("Otto")]), (300, [make_person("Mia")])))
    for minutes in (0, 5):
        moved = at_once(*[partial(advance_at, minutes)] * 4)
        assert sum(moved) == 1
    assert Delivery.objects.filter(page=page).count() == 4
    assert verbs(page) == ["started", "called", "called"]


def test_an_answer_and_the_next_level_at_the_same_moment_leave_nothing_ringing() -> None:
    for _ in range(5):
        otto = make_person("Otto", methods=["sms"])
        page = make_page(make_policy((300, [otto]), (300, [make_person("Mia", methods=["sms"])])))
        advance_at(0)
        at_once(partial(acknowledge_at, page, otto, 5), lambda: str(advance_at(5)))
        page.refresh_from_db()
        assert (page.state, page.acknowledged_by) == ("acknowledged", otto)
        assert pending(page) == []
        assert advance_at(60) == 0


def test_the_last_two_answers_needed_meet() -> None:
    people = [make_person(name, methods=["sms"]) for name in ("Ada", "Vic", "Mia")]
    page = make_page(make_policy((300, people), required=3))
    advance_at(0)
    at_once(*[partial(acknowledge_at, page, person, 1) for person in people])
    page.refresh_from_db()
    assert page.state == "acknowledged"
    assert verbs(page).count("acknowledged") == 3
    assert [entry.payload["complete"] for entry in record(page)[2:]] == [False, False, True]


def test_one_person_answering_twice_at_once_is_recorded_once() -> None:
    ada = make_person("Ada", methods=["sms"])
    page = make_page(make_policy((300, [ada, make_person("Vic")]), required=2))
    advance_at(0)
    at_once(*[partial(acknowledge_at, page, ada, 1)] * 4)
    assert verbs(page).count("acknowledged") == 1
    assert Responder.objects.filter(page=page, state="acknowledged").count() == 1


def test_an_answer_as_the_incident_resolves_never_reopens_it() -> None:
    def resolve() -> str:
        with transaction.atomic():
            cancel_pages(subject="incident:1042", reason="resolved", by=by(otto), now=NOW)
        return ""

    otto = make_person("Otto")
    page = make_page(otto, subject="incident:1042")
    advance_at(0)
    at_once(resolve, lambda: acknowledge_at(page, otto, 1), resolve)
    page.refresh_from_db()
    assert page.state == "cancelled"
    assert pending(page) == []


def test_pages_of_one_incident_are_answered_and_advanced_without_deadlock() -> None:
    people = [make_person(name, methods=["sms"]) for name in ("Ada", "Vic", "Vera", "Mia", "Max")]
    others = make_person("Otto", methods=["sms"])
    pages = [
        make_page(
            make_policy((300, [person]), (300, [others])), subject="incident:1042", purpose=f"muster:{person.name}"
        )
        for person in people
    ]
    advance_at(0)

    def push(page: Page) -> str:
        with transaction.atomic():
            return escalate(page_id=page.pk, by=by(others), now=NOW + timedelta(minutes=5)).sentence

    at_once(
        *[partial(acknowledge_at, page, person, 5) for page, person in zip(pages[:3], people[:3], strict=True)],
        lambda: push(pages[3]),
        lambda: str(advance_at(5)),
        lambda: str(advance_at(5)),
    )
    advance_at(5.1)
    for page in pages:
        page.refresh_from_db()
    assert [page.state for page in pages] == ["acknowledged"] * 3 + ["paging"] * 2
    assert (pages[3].round, pages[3].level) in ((1, 2), (2, 1))  # escalated before or after the engine came
    assert (pages[4].round, pages[4].level) == (1, 2)
