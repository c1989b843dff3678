"""Real commits at the same time: answers, reviews, declarations and endings neither wait for long nor get lost."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from engine.duties import run_once
from incidents.models import Incident, Muster, MusterSeat
from incidents.operations.assign_role import assign_role
from incidents.operations.resolve import resolve
from ledger.models import Entry
from notifications.models import Page
from notifications.operations.acknowledge import acknowledge
from people.models import Person
from tests.builders import by
from tests.incidents.builders import after, make_company, make_incident, page_of
from web.errors import IllegalMove

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*jobs: Callable[[], object]) -> list[Exception]:
    """Run jobs in threads with connections of their own, all starting together; return what they raised."""
    gate = threading.Barrier(len(jobs))
    raised: list[Exception] = []

    def run(job: Callable[[], object]) -> None:
        try:
            gate.wait(10)
            job()
        except Exception as error:  # noqa: BLE001  (a thread's failure is the test's)
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    return raised


def confirm(page: Page, person: Person) -> Callable[[], object]:
    """Return the job of somebody confirming."""

    def job() -> None:
        with transaction.atomic():
            acknowledge(page_id=page.pk, person=person, by=by(person), via="voice", now=after(10))

    return job


def test_answers_and_reviews_at_once_are_all_counted() -> None:
    company = make_company(quorums={"vp": 2, "manager": 2})
    incident = make_incident()
    run_once("pages", now=after(0))
    everybody = [
        ("ceo", company.ada),
        ("vp", company.vic),
        ("vp", company.vera),
        ("manager", company.mia),
        ("manager", company.max),
        ("on_call", company.otto),
    ]
    answers = [confirm(page_of(incident, f"muster:{tier}"), person) for tier, person in everybody]
    reviews = [lambda: run_once("musters", now=after(10)) for _ in range(3)]
    assert at_once(*answers, *reviews) == []
    run_once("musters", now=after(11))
    assert Muster.objects.get().state == "complete"
    assert MusterSeat.objects.filter(state="confirmed").count() == 6
    # Two engines reviewed at the same time, and each fact is in the ledger once.
    verbs = list(Entry.objects.filter(subject=incident.subject).values_list("verb", flat=True))
    assert verbs.count("muster.confirmed") == 6
    assert verbs.count("muster.complete") == 1
    assert verbs.count("incident.role_assigned") == 1


def test_an_incident_resolved_while_people_answer_ends_for_good() -> None:
    company = make_company()
    incident = make_incident()
    run_once("pages", now=after(0))

    def end() -> None:
        with transaction.atomic():
            resolve(incident_id=incident.pk, by=by(company.sid), now=after(10))

    answers = [
        confirm(page_of(incident, f"muster:{tier}"), person)
        for tier, person in (("ceo", company.ada), ("vp", company.vera), ("on_call", company.otto))
    ]
    assert at_once(end, *answers, lambda: run_once("musters", now=after(10))) == []
    run_once("musters", now=after(11))
    assert Incident.objects.get().status == "resolved"
    assert not Page.objects.filter(state__in=("paging", "acknowledged")).exists()


def test_one_role_given_to_many_at_once_is_held_by_one() -> None:
    company = make_company()
    incident = make_incident(severity=3, declared_by=company.sid)

    def give(person: Person) -> Callable[[], object]:
        def job() -> None:
            with transaction.atomic():
                assign_role(incident_id=incident.pk, role="commander", person=person, by=by(company.ada), now=after(1))

        return job

    raised = at_once(*(give(person) for person in (company.otto, company.mia, company.vic, company.vera)))
    assert [error for error in raised if not isinstance(error, IllegalMove)] == []
    assert incident.roles.filter(until__isnull=True).count() == 1
    assert incident.roles.count() == 4
