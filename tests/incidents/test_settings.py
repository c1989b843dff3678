"""Services, severities, readiness and the ledger as administrators and auditors see them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from incidents.models import MusterRequirement, Service, SeverityPolicy
from incidents.operations.change_service import ServiceDraft, add_service, change_service, remove_service
from incidents.operations.change_severity_policy import SUBJECT as SEVERITIES
from incidents.operations.change_severity_policy import Requirement, SeverityDraft, change_severity_policy
from ledger.queries import entries
from people.models import Person, Tier
from tests.builders import NOW, by, make_person, make_policy, make_schedule, make_team
from tests.incidents.builders import make_company, make_incident
from web.errors import BadInput, IllegalMove, NotFound

pytestmark = pytest.mark.django_db


def browser_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def alma() -> Person:
    return make_person("Alma")


@pytest.fixture
def browser(alma: Person) -> Client:
    return browser_of(alma)


def test_a_service_is_made_changed_and_removed(alma: Person) -> None:
    given: dict[str, Any] = {"by": by(alma), "now": NOW}
    policy, team = make_policy((300, [alma]), name="Web"), make_team("Web", alma)
    service = add_service(draft=ServiceDraft(name="Shared hosting"), **given)
    assert service.key == "shared-hosting"
    better = ServiceDraft(name="Web hosting", policy=policy, team=team)
    change_service(service_id=service.pk, draft=better, **given)
    change_service(service_id=service.pk, draft=better, **given)
    assert Service.objects.get().key == "shared-hosting"
    remove_service(service_id=service.pk, **given)
    recorded = entries("settings:services")
    assert [entry.verb for entry in recorded] == ["service.added", "service.changed", "service.removed"]
    assert recorded[1].payload["from"] == {"name": "Shared hosting", "policy": "", "team": ""}


def test_two_services_never_share_a_name_or_key(alma: Person) -> None:
    given: dict[str, Any] = {"by": by(alma), "now": NOW}
    add_service(draft=ServiceDraft(name="E-mail"), **given)
    for name in ("E-mail", "e mail", " ", "邮件"):
        with pytest.raises(BadInput):
            add_service(draft=ServiceDraft(name=name), **given)


def test_a_service_with_a_history_stays(alma: Person) -> None:
    service = Service.objects.create(key="mail", name="Mail")
    make_company()
    make_incident(service=service, severity=3)
    with pytest.raises(IllegalMove), transaction.atomic():
        remove_service(service_id=service.pk, by=by(alma), now=NOW)
    with pytest.raises(NotFound):
        remove_service(service_id=service.pk + 1, by=by(alma), now=NOW)


def severity_draft(**more: Any) -> SeverityDraft:
    return SeverityDraft(
        **{
            "meaning": "Customers lose data now.",
            "high_urgency": True,
            "rounds": 2,
            "remind_after_s": 1800,
            "repage_after_s": 600,
            "requirements": (),
            **more,
        }
    )


def test_a_severity_is_written_and_its_muster_with_it(alma: Person) -> None:
    make_company()
    given: dict[str, Any] = {"by": by(alma), "now": NOW}
    vp = Requirement(tier=Tier.objects.get(key="vp"), quorum=2, deadline_s=240, succession_s=120)
    change_severity_policy(severity=3, draft=severity_draft(requirements=[vp]), **given)
    change_severity_policy(severity=3, draft=severity_draft(requirements=[vp]), **given)
    assert MusterRequirement.objects.get(severity=3).quorum == 2
    (recorded,) = entries(SEVERITIES)
    assert recorded.payload["requirements"] == [{"tier": "VP", "quorum": 2, "deadline_s": 240, "succession_s": 120}]


def test_a_severity_that_nobody_wrote_yet_can_be_written(alma: Person) -> None:
    change_severity_policy(severity=2, draft=severity_draft(), by=by(alma), now=NOW)
    assert SeverityPolicy.objects.get().meaning == "Customers lose data now."


@pytest.mark.parametrize(
    ("severity", "more", "field"),
    [
        (5, {}, "severity"),
        (1, {"meaning": ""}, "meaning"),
        (1, {"rounds": 0}, "rounds"),
        (1, {"remind_after_s": None}, "repage_after_s"),
    ],
)
def test_a_severity_that_makes_no_sense_is_refused(
    alma: Person, severity: int, more: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        change_severity_policy(severity=severity, draft=severity_draft(**more), by=by(alma), now=NOW)
    assert set(refused.value.errors) == {field}


def test_a_muster_under_way_keeps_what_it_started_with(alma: Person) -> None:
    make_company()
    incident = make_incident(severity=1)
    before = [(tier.key, tier.quorum) for tier in incident.muster.tiers.all()]
    change_severity_policy(severity=1, draft=severity_draft(), by=by(alma), now=NOW)
    assert [(tier.key, tier.quorum) for tier in incident.muster.tiers.all()] == before


def test_the_severity_form_reads_every_tier(browser: Client) -> None:
    make_company()
    vp = Tier.objects.get(key="vp")
    given = {"meaning": "Bad", "rounds": "2", "high_urgency": "on"}
    for tier in Tier.objects.all():
        needed = "2" if tier == vp else "0"
        given |= {
            f"tier-{tier.pk}-quorum": needed,
            f"tier-{tier.pk}-deadline_s": "4",
            f"tier-{tier.pk}-succession_s": "2",
        }
    assert browser.post(reverse("severity_edit", args=[1]), given).status_code == 302
    (need,) = MusterRequirement.objects.filter(severity=1)
    assert (need.tier, need.quorum, need.deadline_s, need.succession_s) == (vp, 2, 240, 120)
    answer = browser.post(reverse("severity_edit", args=[1]), given | {"meaning": "", f"tier-{vp.pk}-deadline_s": "x"})
    assert answer.status_code == 422
    assert "Enter minutes" in answer.content.decode()
    assert browser.get(reverse("severity_edit", args=[7])).status_code == 404


def test_readiness_leads_to_what_mends_it(browser: Client) -> None:
    schedule = make_schedule("Nobody's")
    Service.objects.create(key="mail", name="Mail")
    page = browser.get(reverse("readiness")).content.decode()
    assert reverse("schedule", args=[schedule.pk]) in page
    assert reverse("service_edit", args=[Service.objects.get().pk]) in page
    assert reverse("severity_edit", args=[1]) in page
    assert "would keep somebody from being reached" in page


def test_readers_see_findings_without_the_way_to_mend_them() -> None:
    make_schedule("Nobody's")
    page = browser_of(make_person("Sam")).get(reverse("readiness")).content.decode()
    assert "Nobody&#x27;s names nobody" in page
    assert "Mend" not in page


def test_the_ledger_shows_a_chain_by_an_incident_s_number(browser: Client) -> None:
    company = make_company()
    incident = make_incident(declared_by=company.otto)
    page = browser.get(reverse("ledger"), {"subject": str(incident.number)}).content.decode()
    assert "incident.declared" in page
    assert incident.title in page
    assert "There is no such chain" in browser.get(reverse("ledger"), {"subject": "999999"}).content.decode()
    assert incident.title in browser.get(reverse("ledger")).content.decode()


def test_a_long_chain_is_read_in_parts(browser: Client, alma: Person) -> None:
    for number in range(60):
        add_service(draft=ServiceDraft(name=f"Service {number}"), by=by(alma), now=NOW)
    newest = browser.get(reverse("ledger"), {"subject": "settings:services"})
    assert [entry.seq for entry, _sentence, _payload in newest.context["rows"]] == list(range(60, 10, -1))
    older = browser.get(reverse("ledger") + newest.context["older"])
    assert [entry.seq for entry, _sentence, _payload in older.context["rows"]] == list(range(10, 0, -1))
    assert older.context["older"] == ""


@pytest.mark.django_db(transaction=True)
def test_auditors_verify_a_chain() -> None:
    leo = make_person("Leo")
    with transaction.atomic():
        add_service(draft=ServiceDraft(name="Mail"), by=by(leo), now=NOW)
    browser = browser_of(leo)
    given = {"subject": "settings:services"}
    assert "Verified" in browser.post(reverse("ledger_verify"), given, follow=True).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE ledger_entry SET actor_name = 'Sam' WHERE subject = 'settings:services'")
        cursor.execute("SET session_replication_role = DEFAULT")
    assert "Broken at entry 1" in browser.post(reverse("ledger_verify"), given, follow=True).content.decode()
