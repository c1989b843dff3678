"""The roll-call on the database, the clock being moved: who is called when, who stands in, when it is complete."""

from __future__ import annotations

import pytest

from incidents.models import Incident, Muster, MusterTier, RoleName
from incidents.queries import commander_of
from ledger.queries import entries
from notifications.models import Delivery, Page
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
