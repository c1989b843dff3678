"""Declaring an incident: one title is enough; somebody is called, or it is said that nobody was."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from engine.duties import run_once
from incidents.models import Incident, Muster, SeverityPolicy
from incidents.operations.declare import Declaration, declare, declare_all
from ledger.actor import Actor
from ledger.queries import entries
from notifications.models import Page
from tests.builders import NOW, by, make_person
from tests.incidents.builders import called, make_company, make_incident, make_service, pass_time
from web.errors import BadInput

RULE = Actor(kind="rule", id="rule:7", name="database read from outside", via="rule")


@pytest.mark.django_db
def test_one_title_is_enough() -> None:
    otto = make_person("Otto")
    with transaction.atomic():
        incident = declare(title="  Mail is slow ", by=by(otto), now=NOW)
    incident.refresh_from_db()
    assert (incident.title, incident.severity, incident.type, incident.status) == ("Mail is slow", 3, "other", "triage")
    assert (incident.declared_by, incident.declared_via, incident.number) == (otto, "web", incident.number)
    assert incident.number >= 1001


@pytest.mark.django_db
def test_the_ledger_says_who_declared_and_keeps_the_summary_beside_the_chain() -> None:
    otto = make_person("Otto")
    incident = make_incident("Break-in", severity=3, declared_by=otto, summary="Seen by Sid, 10.0.0.7")
    first = entries(incident.subject)[0]
    assert (first.verb, first.actor_name, first.payload["severity"]) == ("incident.declared", "Otto", "SEV3")
    assert first.personal_text == "Seen by Sid, 10.0.0.7"
    assert "Seen by Sid" not in str(first.payload)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"title": "   "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"severity": 5}, "severity"),
        ({"type": "?"}, "type"),
    ],
)
def test_what_can_not_be_used_is_named_by_field(more: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        make_incident(**{"title": "Mail is slow", **more})  # type: ignore[arg-type]
    assert list(refused.value.errors) == [field]
    assert not Incident.objects.exists()


@pytest.mark.django_db
def test_without_leaders_to_call_the_services_policy_is_paged() -> None:
    otto = make_person("Otto")
    incident = make_incident(severity=3, service=make_service("mail", otto), declared_by=make_person("Sue"))
    pass_time(0)
    page = Page.objects.get(subject=incident.subject)
    assert (page.purpose, page.severity, page.title) == ("service", 3, incident.headline)
    assert called(incident) == {"Otto"}
    assert not Muster.objects.exists()


@pytest.mark.django_db
def test_a_person_who_declares_with_nobody_to_call_is_told_so() -> None:
    incident = make_incident(severity=4, declared_by=make_person("Sue"))
    assert "Nobody was called" in incident.trouble
    assert not Page.objects.exists()


@pytest.mark.django_db
def test_a_rule_that_finds_nobody_to_call_pages_the_administrators() -> None:
    make_person("Alma")
    incident = make_incident(severity=3, declared_by=RULE, rule=RULE.id)
    pass_time(0)
    assert called(incident) == {"Alma"}
    assert incident.opened_by_rule == "rule:7"
    assert (incident.declared_by, incident.declared_by_name) == (None, "database read from outside")


@pytest.mark.django_db
def test_a_severity_decides_how_urgently_people_are_paged() -> None:
    SeverityPolicy.objects.create(severity=4, meaning="A trifle", high_urgency=False)
    incident = make_incident(severity=4, service=make_service("mail", make_person("Otto")))
    assert Page.objects.get(subject=incident.subject).urgency == "low"


@pytest.mark.django_db
def test_a_private_title_is_not_in_the_pages() -> None:
    make_company()
    make_incident("Somebody from within reads mail", private=True)
    assert not Page.objects.filter(title__contains="reads mail").exists()


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_declared() -> None:
    with pytest.raises(TransactionManagementError):
        declare(title="Mail is slow", by=RULE, now=NOW)
    assert not Page.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_numbers_of_their_own_and_wait_for_nobody() -> None:
    first_may_go_on, errors = threading.Event(), []

    def one(place: int) -> None:
        try:
            with transaction.atomic():
                declare(title=f"Trouble {place}", by=RULE, now=NOW + timedelta(seconds=place))
                if place == 0:
                    assert first_may_go_on.wait(10)  # holds its transaction open while the others commit
        except Exception as error:  # noqa: BLE001  (a thread's failure is the test's)
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads[1:]:
        thread.join(10)
    assert Incident.objects.count() == 7  # none of them waited for the first
    first_may_go_on.set()
    threads[0].join(10)
    assert errors == []
    assert len(set(Incident.objects.values_list("number", flat=True))) == 8


@pytest.mark.django_db
def test_news_that_change_nothing_are_dismissed() -> None:
    incident = make_incident(severity=3, service=make_service("mail", make_person("Otto")))
    run_once("pages", now=NOW)
    before = Incident.objects.get(pk=incident.pk).version
    run_once("musters", now=NOW)
    assert Incident.objects.get(pk=incident.pk).version == before


@pytest.mark.django_db
def test_many_incidents_take_no_more_statements_than_a_few() -> None:
    services = [make_service(f"service-{place}", make_person("Otto")) for place in range(12)]
    counts = []
    for some in (services[:2], services):
        with CaptureQueriesContext(connection) as made, transaction.atomic():
            incidents = declare_all([Declaration(title="Down", service=each) for each in some], by=RULE, now=NOW)
        counts.append(len(made))
        assert Page.objects.filter(subject__in=[each.subject for each in incidents], purpose="service").count() == len(
            some
        )
        assert [entries(each.subject)[0].verb for each in incidents] == ["incident.declared"] * len(some)
    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_many_are_declared_all_or_none() -> None:
    with pytest.raises(BadInput):
        declare_all([Declaration(title="Down"), Declaration(title="")], by=RULE, now=NOW)
    assert not Incident.objects.exists()
