"""How incidents end, come back, and become part of another."""

from __future__ import annotations

import pytest

from incidents.models import Incident, Muster, MusterTier, RoleAssignment
from incidents.operations.close import close
from incidents.operations.decline import decline
from incidents.operations.merge import merge
from incidents.operations.reopen import reopen
from incidents.operations.resolve import resolve
from incidents.operations.take_command import take_command
from incidents.registry import Mergings, mergings
from ledger.queries import entries
from notifications.models import Delivery, Page
from tests.builders import by, make_person
from tests.incidents.builders import (
    after,
    answer,
    called,
    make_company,
    make_incident,
    make_service,
    page_of,
    pass_time,
    states,
)
from web.errors import IllegalMove

pytestmark = pytest.mark.django_db


def page_ends(incident: Incident) -> set[tuple[str, str]]:
    """Return state and reason of the incident's pages."""
    return set(Page.objects.filter(subject=incident.subject).values_list("state", "cancel_reason"))


def test_resolving_stops_every_call() -> None:
    company = make_company()
    incident = make_incident()
    pass_time(0)
    incident = resolve(incident_id=incident.pk, by=by(company.otto), now=after(90), note="Way in closed")
    assert (incident.status, incident.resolved_at) == ("resolved", after(90))
    assert page_ends(incident) == {("cancelled", "resolved")}
    assert not Delivery.objects.filter(state="pending", kind="page").exists()
    pass_time(300, 480)
    assert called(incident) == {"Ada", "Vic", "Vera", "Mia", "Max", "Otto"}  # no successor was called any more
    assert entries(incident.subject)[-1].payload["open_s"] == 90


def test_a_resolved_incident_is_resolved_once() -> None:
    sue = make_person("Sue")
    incident = make_incident(severity=3, declared_by=sue)
    resolve(incident_id=incident.pk, by=by(sue), now=after(1))
    count = len(entries(incident.subject))
    assert resolve(incident_id=incident.pk, by=by(sue), now=after(2)).resolved_at == after(1)
    assert len(entries(incident.subject)) == count


def test_roles_stay_when_resolved_and_end_when_closed() -> None:
    sue = make_person("Sue")
    incident = make_incident(severity=3, declared_by=sue)
    take_command(incident_id=incident.pk, person=sue, by=by(sue), now=after(1))
    resolve(incident_id=incident.pk, by=by(sue), now=after(2))
    assert RoleAssignment.objects.get().until is None
    close(incident_id=incident.pk, by=by(sue), now=after(3))
    assert RoleAssignment.objects.get().until == after(3)


def test_declining_is_for_triage_only() -> None:
    otto = make_person("Otto")
    incident = make_incident(severity=3, service=make_service("mail", otto))
    declined = decline(incident_id=incident.pk, by=by(otto), now=after(5), reason="A planned restart")
    assert (declined.status, page_ends(incident)) == ("declined", {("cancelled", "declined")})
    second = make_incident(severity=3, service=None, declared_by=otto)
    Incident.objects.filter(pk=second.pk).update(status="identified")
    with pytest.raises(IllegalMove, match="in triage"):
        decline(incident_id=second.pk, by=by(otto), now=after(6))


def test_reopening_calls_the_leaders_who_had_not_answered() -> None:
    company = make_company()
    incident = make_incident()
    pass_time(0)
    answer(incident, company.otto, "on_call", at=10)
    answer(incident, company.mia, "manager", at=11)
    resolve(incident_id=incident.pk, by=by(company.otto), now=after(60))
    incident = reopen(incident_id=incident.pk, by=by(company.otto), now=after(600), reason="They are back")
    assert (incident.status, incident.resolved_at, incident.muster_state) == ("investigating", None, "gathering")
    before = set(Delivery.objects.values_list("pk", flat=True))
    pass_time(600)
    fresh = Delivery.objects.exclude(pk__in=before).values_list("person__name", flat=True)
    assert set(fresh) == {"Ada", "Vic", "Vera"}
    assert states(incident, "vp") == {"Vic": "called", "Vera": "called"}
    answer(incident, company.ada, "ceo", at=610)
    answer(incident, company.vic, "vp", at=611)
    assert Muster.objects.get().state == "complete"
    assert Muster.objects.get().completed_at == after(611)


def test_reopening_without_leaders_pages_the_service_again() -> None:
    otto = make_person("Otto")
    incident = make_incident(severity=3, service=make_service("mail", otto))
    pass_time(0)
    resolve(incident_id=incident.pk, by=by(otto), now=after(60))
    reopen(incident_id=incident.pk, by=by(otto), now=after(120))
    pass_time(120)
    assert Page.objects.filter(subject=incident.subject, purpose="service", state="paging").count() == 1


def test_a_declined_incident_reopens_into_triage_and_an_open_one_stays() -> None:
    sue = make_person("Sue")
    incident = make_incident(severity=3, declared_by=sue)
    decline(incident_id=incident.pk, by=by(sue), now=after(1))
    assert reopen(incident_id=incident.pk, by=by(sue), now=after(2)).status == "triage"
    count = len(entries(incident.subject))
    reopen(incident_id=incident.pk, by=by(sue), now=after(3))
    assert len(entries(incident.subject)) == count


def test_merging_moves_what_belongs_to_it_and_ends_its_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    moved: list[tuple[int, int]] = []
    registry = Mergings()
    registry.register("alerts", lambda merged, into, _now: moved.append((merged.number, into.number)))
    monkeypatch.setattr(mergings, "_followers", registry._followers)
    otto = make_person("Otto")
    one = make_incident("Mail slow", severity=3, service=make_service("mail", otto))
    two = make_incident("Queue stuck", severity=3, declared_by=otto)
    into = merge(incident_id=one.pk, into_id=two.pk, by=by(otto), now=after(5))
    one.refresh_from_db()
    assert (one.status, one.merged_into, into.pk) == ("merged", two, two.pk)
    assert page_ends(one) == {("cancelled", "merged")}
    assert moved == [(one.number, two.number)]
    assert entries(one.subject)[-1].payload["into"] == two.number
    assert entries(two.subject)[-1].payload["from"] == one.number
    count = len(entries(two.subject))
    merge(incident_id=one.pk, into_id=two.pk, by=by(otto), now=after(6))
    assert len(entries(two.subject)) == count


def test_a_circle_of_merges_is_refused() -> None:
    otto = make_person("Otto")
    one, two = (make_incident(f"Trouble {n}", severity=3, declared_by=otto) for n in (1, 2))
    merge(incident_id=one.pk, into_id=two.pk, by=by(otto), now=after(1))
    with pytest.raises(IllegalMove, match="is merged"):
        merge(incident_id=two.pk, into_id=one.pk, by=by(otto), now=after(2))
    with pytest.raises(IllegalMove, match="into itself"):
        merge(incident_id=two.pk, into_id=two.pk, by=by(otto), now=after(2))
    with pytest.raises(IllegalMove, match="merged into another"):
        reopen(incident_id=one.pk, by=by(otto), now=after(3))


def test_merging_a_worse_one_goes_on_calling_the_leaders() -> None:
    company = make_company()
    worse = make_incident("Customer data read", severity=1)
    pass_time(0)
    milder = make_incident("Slow panel", severity=3, declared_by=company.sid)
    into = merge(incident_id=worse.pk, into_id=milder.pk, by=by(company.otto), now=after(30))
    assert (into.severity, into.muster_state) == (1, "gathering")
    pass_time(30)
    assert called(into) == {"Ada", "Vic", "Vera", "Mia", "Max", "Otto"}


def test_somebody_who_sits_in_two_tiers_is_called_once_and_confirms_both() -> None:
    company = make_company()
    company.ada.tiers.through.objects.create(tier=company.vic.tiers.get(), person=company.ada, position=9)
    incident = make_incident()
    pass_time(0)
    assert Delivery.objects.filter(person=company.ada).values("page").distinct().count() == 1
    assert states(incident, "vp")["Ada"] == "called"
    answer(incident, company.ada, "ceo", at=10)
    assert states(incident, "vp")["Ada"] == "confirmed"
    assert page_of(incident, "muster:vp").state == "acknowledged"
    assert set(MusterTier.objects.filter(key__in=("ceo", "vp")).values_list("state", flat=True)) == {"complete"}


def test_a_tier_made_of_people_called_for_another_waits_and_starts_when_they_can_not() -> None:
    company = make_company()
    vp = company.vic.tiers.get()
    vp.seats.all().delete()
    vp.seats.create(person=company.ada)
    incident = make_incident()
    pass_time(0)
    assert MusterTier.objects.get(key="vp").page_id is None
    pass_time(300)
    assert MusterTier.objects.get(key="vp").page_id is not None
    assert states(incident, "vp") == {"Ada": "late", "Mia": "called"}


def test_merging_into_one_that_calls_nobody_calls_its_people() -> None:
    otto, sue = make_person("Otto"), make_person("Sue")
    silent = make_incident(severity=3, declared_by=sue)
    calling = make_incident(severity=3, service=make_service("mail", otto))
    pass_time(0)
    assert not Page.objects.filter(subject=silent.subject).exists()
    merge(incident_id=calling.pk, into_id=silent.pk, by=by(sue), now=after(10))
    pass_time(10)
    silent.refresh_from_db()
    assert silent.service == calling.service
    assert Page.objects.filter(subject=silent.subject, state="paging").count() == 1
    assert Delivery.objects.filter(page__subject=silent.subject, person=otto, state="pending").exists()
