"""The roll-call on the database, the clock being moved: who is called when, who stands in, when it is complete."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest
from django.db import transaction

from engine.duties import run_once
from incidents.models import Incident, Muster, MusterTier, RoleName
from incidents.operations.resolve import resolve
from incidents.operations.review_muster import review_muster
from incidents.queries import commander_of
from ledger.queries import entries
from notifications.models import Alarm, ContactMethod, Delivery, Page, PageRecheck
from notifications.operations.acknowledge import acknowledge
from notifications.operations.delivery_consequences import mark_reached
from people.models import Schedule
from tests.builders import by
from tests.incidents.builders import (
    Company,
    after,
    answer,
    called,
    make_company,
    make_incident,
    page_of,
    pass_time,
    refuse,
    seat,
    states,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    """Return Harbor Hosting's leaders, one of each tier needed."""
    return make_company()


def verbs(incident: Incident) -> list[str]:
    """Return the incident's ledger as its verbs."""
    return [entry.verb for entry in entries(incident.subject)]


def muster_of(incident: Incident) -> Muster:
    """Return the muster as stored."""
    return Muster.objects.get(incident=incident)


def test_sev1_calls_every_leader_at_once(company: Company) -> None:
    incident = make_incident()
    pass_time(0)
    assert called(incident) == {"Ada", "Vic", "Vera", "Mia", "Max", "Otto"}
    assert muster_of(incident).state == "gathering"
    assert states(incident, "vp") == {"Vic": "called", "Vera": "called"}
    incident.refresh_from_db()
    assert incident.muster_state == "gathering"


def test_all_confirm_and_the_time_is_recorded(company: Company) -> None:
    incident = make_incident()
    pass_time(0)
    answer(incident, company.otto, "on_call", at=8)
    answer(incident, company.mia, "manager", at=20)
    answer(incident, company.vera, "vp", at=31)
    assert muster_of(incident).state == "gathering"
    answer(incident, company.ada, "ceo", at=47)
    muster = muster_of(incident)
    assert muster.state == "complete"
    assert muster.completed_at == after(47)
    assert muster.started_at == after(0)
    assert seat(incident, "ceo", company.ada).via == "voice"
    incident.refresh_from_db()
    assert incident.muster_state == "complete"
    complete = next(entry for entry in entries(incident.subject) if entry.verb == "muster.complete")
    assert complete.payload["time_to_muster_ms"] == 47_000


def test_the_first_on_call_to_confirm_takes_command_and_the_ledger_says_by_rule(company: Company) -> None:
    incident = make_incident()
    pass_time(0)
    answer(incident, company.mia, "manager", at=5)
    assert commander_of(incident) is None
    answer(incident, company.otto, "on_call", at=8)
    assert commander_of(incident) == company.otto
    entry = next(e for e in entries(incident.subject) if e.verb == "incident.role_assigned")
    assert (entry.actor_kind, entry.payload["role"]) == ("rule", RoleName.COMMANDER)


def test_who_lets_the_deadline_pass_is_succeeded_on_time(company: Company) -> None:
    incident = make_incident()
    pass_time(0, 299)
    assert "Ada" in states(incident, "ceo")
    assert states(incident, "ceo")["Ada"] == "called"
    pass_time(300)
    assert states(incident, "ceo") == {"Ada": "late", "Vera": "called"}
    assert seat(incident, "ceo", company.vera).stands_in_for == company.ada
    answer(incident, company.vera, "ceo", at=310)
    assert states(incident, "ceo") == {"Ada": "succeeded", "Vera": "confirmed"}
    assert MusterTier.objects.get(muster=incident.pk, key="ceo").completed_at == after(310)
    assert {"muster.late", "muster.succeeded", "muster.tier_complete"} <= set(verbs(incident))


def test_an_answer_to_one_page_counts_in_every_tier_where_one_sits(company: Company) -> None:
    incident = make_incident()
    pass_time(0)
    answer(incident, company.vera, "vp", at=30)
    pass_time(300)
    # Ada is late now, and Vera, first in her line, has answered about this incident already.
    assert states(incident, "ceo") == {"Ada": "succeeded", "Vera": "confirmed"}
    assert page_of(incident, "muster:ceo").state == Page.State.ACKNOWLEDGED


def test_a_decline_calls_the_next_at_once(company: Company) -> None:
    incident = make_incident()
    pass_time(0)
    refuse(incident, company.ada, "ceo", at=10)
    assert states(incident, "ceo") == {"Ada": "declined", "Vera": "called"}
    assert Delivery.objects.filter(page=page_of(incident, "muster:ceo"), person=company.vera).exists()
    answer(incident, company.vera, "ceo", at=20)
    assert states(incident, "ceo") == {"Ada": "succeeded", "Vera": "confirmed"}


def test_a_decline_calls_nobody_while_another_of_the_tier_may_answer(company: Company) -> None:
    incident = make_incident()
    pass_time(0)
    refuse(incident, company.vic, "vp", at=10)
    assert states(incident, "vp") == {"Vic": "declined", "Vera": "called"}


def test_a_quorum_of_two_needs_two() -> None:
    company = make_company(quorums={"vp": 2})
    incident = make_incident()
    pass_time(0)
    answer(incident, company.vic, "vp", at=10)
    assert MusterTier.objects.get(muster=incident.pk, key="vp").state == "gathering"
    refuse(incident, company.vera, "vp", at=20)
    assert states(incident, "vp") == {"Vic": "confirmed", "Vera": "declined", "Mia": "called"}
    answer(incident, company.mia, "vp", at=30)
    tier = MusterTier.objects.get(muster=incident.pk, key="vp")
    assert (tier.state, tier.completed_at) == ("complete", after(30))


def test_nobody_answers_and_everybody_is_called_loudly(company: Company) -> None:
    incident = make_incident()
    pass_time(0, 300, 480, 660)
    assert "Alma" in called(incident)  # the last level of a tier's page reaches the administrators
    pass_time(*range(840, 1200, 60))
    muster = muster_of(incident)
    assert muster.state == "exhausted"
    incident.refresh_from_db()
    assert incident.muster_state == "exhausted"
    assert "Nobody answered" in incident.trouble
    assert "muster.exhausted" in verbs(incident)
    assert Page.objects.filter(subject=incident.subject, fallback_of__isnull=False, state="paging").exists()


def test_a_late_answer_to_the_fallback_still_completes_the_tier(company: Company) -> None:
    incident = make_incident()
    pass_time(0, 300, 480, 660, *range(840, 1000, 60))
    assert muster_of(incident).state == "exhausted"
    answer(incident, company.ada, "ceo", at=1001)
    assert states(incident, "ceo")["Ada"] == "confirmed"
    answer(incident, company.vic, "vp", at=1002)
    answer(incident, company.max, "manager", at=1003)
    answer(incident, company.otto, "on_call", at=1004)
    assert muster_of(incident).state == "complete"
    incident.refresh_from_db()
    assert incident.trouble == ""


def test_a_passer_by_does_not_complete_a_tier(company: Company) -> None:
    incident = make_incident()
    pass_time(0)
    answer(incident, company.cam, "ceo", at=10)
    assert MusterTier.objects.get(muster=incident.pk, key="ceo").state == "gathering"
    assert page_of(incident, "muster:ceo").state == Page.State.PAGING
    answer(incident, company.ada, "ceo", at=40)
    assert MusterTier.objects.get(muster=incident.pk, key="ceo").state == "complete"
    assert page_of(incident, "muster:ceo").state == Page.State.ACKNOWLEDGED


def test_a_schedule_that_can_not_be_worked_out_stops_no_other_call(company: Company) -> None:
    Schedule.objects.update(time_zone="Mars/Olympus")
    incident = make_incident()
    pass_time(0)
    # Nobody of those on call is known, so the next in their line is called at once.
    assert called(incident) == {"Ada", "Vic", "Vera", "Mia", "Max", "Olga"}
    assert company.otto.name not in called(incident)


def test_a_leader_without_a_contact_method_is_late_at_once_and_it_shows(company: Company) -> None:
    ContactMethod.objects.filter(person=company.ada).delete()
    incident = make_incident()
    pass_time(0)
    assert states(incident, "ceo") == {"Ada": "late", "Vera": "called"}
    incident.refresh_from_db()
    assert "Ada" in incident.trouble


def test_an_answer_on_behalf_confirms_nobody(company: Company) -> None:
    incident = make_incident()
    pass_time(0)
    page = page_of(incident, "muster:ceo")
    with transaction.atomic():
        acknowledge(page_id=page.pk, person=company.ada, by=by(company.otto), via="api", now=after(10))
    pass_time(10)
    assert states(incident, "ceo") == {"Ada": "called"}
    pass_time(300)
    assert states(incident, "ceo") == {"Ada": "late", "Vera": "called"}


def test_without_news_a_review_changes_nothing(company: Company) -> None:
    incident = make_incident()
    pass_time(0)
    answer(incident, company.otto, "on_call", at=10)
    before = (Incident.objects.get().version, len(entries(incident.subject)))
    with transaction.atomic():
        review_muster(incident_id=incident.pk, now=after(11))
    assert (Incident.objects.get().version, len(entries(incident.subject))) == before


def test_one_incident_that_fails_holds_up_no_other(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = make_incident("Bad"), make_incident("Good")
    pass_time(0)

    def fails_for_bad(*, incident_id: UUID, now: datetime) -> Incident:
        if incident_id == bad.pk:
            raise RuntimeError("broken row")
        return review_muster(incident_id=incident_id, now=now)

    monkeypatch.setattr("incidents.duties.review_muster", fails_for_bad)
    for incident in (bad, good):
        with transaction.atomic():
            page = page_of(incident, "muster:ceo")
            acknowledge(page_id=page.pk, person=company.ada, by=by(company.ada), via="voice", now=after(5))
    run_once("musters", now=after(5))
    assert states(good, "ceo") == {"Ada": "confirmed"}
    assert states(bad, "ceo") == {"Ada": "called"}
    assert Alarm.objects.filter(cause="musters-stuck").exists()
    monkeypatch.undo()
    run_once("musters", now=after(6))
    assert states(bad, "ceo") == {"Ada": "confirmed"}  # its news were kept


def test_an_ended_incident_keeps_its_roll_call(company: Company) -> None:
    incident = make_incident()
    pass_time(0)
    with transaction.atomic():
        resolve(incident_id=incident.pk, by=by(company.otto), now=after(20))
    pass_time(300, 900)
    assert states(incident, "ceo") == {"Ada": "called"}
    assert not PageRecheck.objects.exists()


def test_a_message_that_reached_the_phone_shows_and_confirms_nothing(company: Company) -> None:
    incident = make_incident()
    pass_time(0)
    with transaction.atomic():
        mark_reached(page=page_of(incident, "muster:ceo"), person_id=company.ada.pk, now=after(3))
    pass_time(3)
    assert states(incident, "ceo") == {"Ada": "delivered"}
    assert MusterTier.objects.get(muster=incident.pk, key="ceo").state == "gathering"
    pass_time(300)
    assert states(incident, "ceo")["Ada"] == "late"
