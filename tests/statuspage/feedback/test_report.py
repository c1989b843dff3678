""" "I'm affected": counted once a day for each place; the room hears of it once, when it is more than chance."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from engine.duties import run_once
from incidents.models import Incident
from incidents.timeline import timeline
from statuspage.feedback.duties import REPORTS_KEPT_FOR, SIGNAL, TIDY
from statuspage.feedback.operations.note_spike import VERB, note_spike
from statuspage.feedback.operations.report import report
from statuspage.feedback.queries import reported
from statuspage.feedback.rules import is_spike
from statuspage.feedback.signal import signal_for
from statuspage.feedback.views import public
from statuspage.models import Component, Report, StatusPage
from statuspage.public_forms import Limits
from tests.builders import NOW
from tests.incidents.builders import make_company, make_incident, make_service
from tests.statuspage.builders import make_component, make_page, make_public_incident, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> StatusPage:
    return make_page()


def send(page: StatusPage, component: str, says: str = "affected", *, address: str = "192.0.2.1", **more: Any) -> Any:
    headers = more.pop("headers", {})
    given = {"component": component, "says": says, **more}
    return Client(REMOTE_ADDR=address).post(f"/status-pages/{page.pk}/report", given, headers=headers)


def count_in(component: Component, number: int, *, at: datetime = NOW, says: str = "affected", who: str = "") -> None:
    with transaction.atomic():
        for each in range(number):
            reporter = f"{who or at.isoformat()} {each}"
            report(page_id=component.page_id, component_id=component.pk, says=says, reporter=reporter, now=at)


def test_a_report_counts_once_a_day_and_the_last_word_counts(page: StatusPage) -> None:
    mail = make_component(page, "Mail")
    incident = make_public_incident(page, components={mail: "major_outage"})
    for says in ("affected", "affected", "works"):
        answer = send(page, mail.pk, says)
        assert (answer.status_code, "Thank you" in answer.content.decode()) == (200, True)
    send(page, mail.pk, address="192.0.2.2")
    assert sorted(Report.objects.values_list("says", "public_incident")) == [
        ("affected", incident.pk),
        ("works", incident.pk),
    ]
    for row in Report.objects.all():
        assert "192.0.2" not in row.reporter
        assert len(row.reporter) == 64


def test_a_report_outside_of_any_incident_counts_too(page: StatusPage) -> None:
    mail, web = make_component(page, "Mail"), make_component(page, "Web")
    over = make_public_incident(page, components={mail: "major_outage", web: "major_outage"})
    say(over, "identified", components={mail: "operational"})
    send(page, mail.pk)
    send(page, web.pk)
    assert dict(Report.objects.values_list("component", "public_incident")) == {mail.pk: None, web.pk: over.pk}


@pytest.mark.parametrize(
    ("component", "says", "status"),
    [
        ("nothing", "affected", 404),
        ("", "affected", 404),
        ("\0", "affected", 404),
        (None, "maybe", 422),
        (None, "", 422),
    ],
)
def test_what_makes_no_sense_is_refused(page: StatusPage, component: str | None, says: str, status: int) -> None:
    mail = make_component(page, "Mail")
    assert send(page, mail.pk if component is None else component, says).status_code == status
    assert not Report.objects.exists()


def test_a_component_of_another_page_or_an_archived_one_is_none(page: StatusPage) -> None:
    other = make_component(make_page("Other", slug="other"), "Mail")
    old = make_component(page, "Old")
    Component.objects.filter(pk=old.pk).update(archived_at=NOW)
    assert [send(page, component.pk).status_code for component in (other, old)] == [404, 404]


def test_a_page_that_takes_no_feedback_takes_none(page: StatusPage) -> None:
    mail = make_component(page, "Mail")
    StatusPage.objects.update(takes_feedback=False)
    assert send(page, mail.pk).status_code == 404
    assert Client().post(f"/status-pages/{page.pk}/comment", {"text": "x"}).status_code == 404


def test_a_flood_from_one_place_ends_and_other_places_go_on(page: StatusPage) -> None:
    mail = make_component(page, "Mail")
    answers = [send(page, mail.pk).status_code for _ in range(62)]
    assert answers == [200] * 60 + [429] * 2
    assert send(page, mail.pk, address="192.0.2.9").status_code == 200
    assert Report.objects.count() == 2


def test_one_place_of_the_internet_is_one_reporter(page: StatusPage) -> None:
    mail = make_component(page, "Mail")
    for address in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"):
        send(page, mail.pk, address=address)
    assert Report.objects.count() == 2


def test_robots_and_other_sites_count_nothing(page: StatusPage) -> None:
    mail = make_component(page, "Mail")
    assert send(page, mail.pk, website="spam").status_code == 200
    assert send(page, mail.pk, headers={"origin": "https://evil.example"}).status_code == 403
    assert not Report.objects.exists()


def test_no_cookie_is_set_and_get_does_nothing(page: StatusPage) -> None:
    mail = make_component(page, "Mail")
    assert not send(page, mail.pk).cookies
    assert Client().get(f"/status-pages/{page.pk}/report").status_code == 405


def test_overall_there_is_a_limit_too(page: StatusPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public, "REPORTS", Limits(per_key=5, per_place=5, overall=3))
    mail = make_component(page, "Mail")
    answers = [send(page, mail.pk, address=f"192.0.2.{n}").status_code for n in range(5)]
    assert answers == [200, 200, 200, 429, 429]


@pytest.mark.parametrize(
    ("lately", "usual", "spike"),
    [(0, 0, False), (4, 0, False), (5, 0, True), (5, 1.25, True), (5, 1.3, False), (40, 10, True), (39, 10, False)],
)
def test_a_spike_is_more_than_chance(lately: int, usual: float, spike: bool) -> None:
    assert is_spike(lately=lately, usual=usual) is spike


def world(page: StatusPage) -> tuple[Incident, Component]:
    make_company()
    service = make_service("mail")
    mail = make_component(page, "Mail")
    mail.services.add(service)
    return make_incident("Mail is late", severity=3, service=service), mail


def test_the_signal_counts_the_last_quarter_of_an_hour_against_the_week_before(page: StatusPage) -> None:
    incident, mail = world(page)
    web = make_component(page, "Web")
    count_in(mail, 6, at=NOW - timedelta(minutes=5))
    count_in(mail, 2, at=NOW - timedelta(minutes=4), says="works")
    count_in(mail, 4, at=NOW - timedelta(days=2))
    count_in(mail, 9, at=NOW - timedelta(days=8))
    count_in(web, 9, at=NOW)
    (signal,) = signal_for(incident, NOW)
    assert (signal.component_id, signal.affected, signal.works, signal.spike) == (mail.pk, 6, 2, True)
    assert signal.usual == pytest.approx(4 / 672)
    make_public_incident(page, components={web: "major_outage"}, incident=incident)
    assert [each.name for each in signal_for(incident, NOW)] == ["Web", "Mail"]


def test_the_signal_is_one_question(page: StatusPage, django_assert_num_queries: Any) -> None:
    incident, mail = world(page)
    count_in(mail, 6)
    with django_assert_num_queries(1):
        signal_for(incident, NOW)


def test_the_room_hears_once_that_customers_report(page: StatusPage) -> None:
    incident, mail = world(page)
    count_in(mail, 4)
    run_once(SIGNAL.name, now=NOW)
    assert VERB not in [line.verb for line in timeline(incident, after_seq=0, limit=100)]
    count_in(mail, 5, who="others")
    run_once(SIGNAL.name, now=NOW)
    count_in(mail, 30, who="more")
    run_once(SIGNAL.name, now=NOW + timedelta(minutes=2))
    (line,) = [line for line in timeline(incident, after_seq=0, limit=100) if line.verb == VERB]
    assert line.sentence == "Customers say that they are affected, within 15 minutes: Mail: 9"
    with transaction.atomic():
        assert note_spike(incident_id=incident.pk, now=NOW) is False


def test_an_incident_that_is_over_hears_nothing(page: StatusPage) -> None:
    incident, mail = world(page)
    Incident.objects.update(status="resolved")
    count_in(mail, 9)
    assert run_once(SIGNAL.name, now=NOW) == 0
    with transaction.atomic():
        assert note_spike(incident_id=incident.pk, now=NOW) is False


def test_while_nobody_reports_the_duty_asks_once(page: StatusPage, django_assert_num_queries: Any) -> None:
    world(page)
    with django_assert_num_queries(1):
        run_once(SIGNAL.name, now=NOW)


def test_old_reports_go(page: StatusPage) -> None:
    mail = make_component(page, "Mail")
    count_in(mail, 3, at=NOW - REPORTS_KEPT_FOR - timedelta(minutes=1))
    count_in(mail, 2, at=NOW)
    assert run_once(TIDY.name, now=NOW) == 3
    assert Report.objects.count() == 2


def test_customers_see_what_was_reported_within_the_hour(page: StatusPage) -> None:
    mail = make_component(page, "Mail")
    count_in(mail, 3, at=NOW - timedelta(minutes=50))
    count_in(mail, 1, at=NOW, says="works")
    count_in(mail, 5, at=NOW - timedelta(hours=2))
    (counts,) = reported(page.pk, NOW).values()
    assert (counts.affected, counts.works) == (3, 1)
