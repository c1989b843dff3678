"""Status, severity, roles, notes, responders, names: each move, its refusal, and what the ledger keeps."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction

from incidents.models import Incident, Muster, MusterTier, RoleAssignment, RoleName, SeverityPolicy
from incidents.operations.add_note import add_note
from incidents.operations.add_responders import add_responders
from incidents.operations.assign_role import assign_role
from incidents.operations.change_severity import change_severity
from incidents.operations.change_status import change_status
from incidents.operations.rename import rename
from incidents.operations.take_command import take_command
from incidents.queries import commander_of
from ledger.models import Entry
from ledger.queries import entries
from notifications.models import Delivery, Page
from notifications.operations.acknowledge import acknowledge
from notifications.operations.snooze import snooze
from notifications.operations.start_page import start_page
from notifications.queries import freeze_person
from tests.builders import by, make_person, make_policy
from tests.incidents.builders import (
    Company,
    after,
    answer,
    called,
    make_company,
    make_incident,
    make_service,
    page_of,
    pass_time,
    require,
    states,
)
from web.errors import BadInput, IllegalMove

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_a_transaction() -> None:
    """Every operation below runs in the test's own transaction."""
    assert transaction.get_connection().in_atomic_block


def last(incident: Incident, verb: str) -> Entry:
    """Return the newest ledger entry of a verb."""
    return [entry for entry in entries(incident.subject) if entry.verb == verb][-1]


def test_a_status_goes_forward_and_back_with_a_note() -> None:
    sue = make_person("Sue")
    incident = make_incident(severity=3, declared_by=sue)
    for status in ("identified", "monitoring", "investigating"):
        incident = change_status(incident_id=incident.pk, status=status, by=by(sue), now=after(1), note="Disk swapped")
        assert incident.status == status
    entry = last(incident, "incident.status_changed")
    assert (entry.payload, entry.personal_text) == ({"from": "monitoring", "to": "investigating"}, "Disk swapped")


def test_a_repeated_status_changes_nothing() -> None:
    incident = make_incident(severity=3, declared_by=make_person("Sue"))
    change_status(incident_id=incident.pk, status="identified", by=by(make_person("Otto")), now=after(1))
    version, count = Incident.objects.get().version, len(entries(incident.subject))
    change_status(incident_id=incident.pk, status="identified", by=by(make_person("Olga")), now=after(2))
    assert (Incident.objects.get().version, len(entries(incident.subject))) == (version, count)


def test_status_words_of_other_verbs_do_what_these_do() -> None:
    sue = make_person("Sue")
    incident = make_incident(severity=3, declared_by=sue)
    assert change_status(incident_id=incident.pk, status="resolved", by=by(sue), now=after(1)).resolved_at == after(1)
    assert change_status(incident_id=incident.pk, status="closed", by=by(sue), now=after(2)).closed_at == after(2)
    with pytest.raises(IllegalMove, match="Merge it instead"):
        change_status(incident_id=incident.pk, status="merged", by=by(sue), now=after(3))
    with pytest.raises(BadInput):
        change_status(incident_id=incident.pk, status="fixed", by=by(sue), now=after(3))


def test_raising_the_severity_calls_the_leaders_too() -> None:
    company = make_company()
    incident = make_incident(severity=2, declared_by=company.sid)
    pass_time(0)
    assert called(incident) == {"Otto"}
    answer(incident, company.otto, "on_call", at=10)
    assert Muster.objects.get().state == "complete"
    incident = change_severity(
        incident_id=incident.pk, severity=1, by=by(company.otto), now=after(60), reason="Customers' data"
    )
    assert (incident.muster_state, incident.severity) == ("gathering", 1)
    pass_time(60)
    assert called(incident) == {"Otto", "Ada", "Vic", "Vera", "Mia", "Max"}
    assert Delivery.objects.filter(person=company.otto).count() == 2  # called for the SEV2, not again for the SEV1
    assert set(Page.objects.filter(state="paging").values_list("severity", flat=True)) == {1}
    assert page_of(incident, "muster:on_call").title.startswith("SEV1")
    assert Muster.objects.get().started_at == after(60)
    entry = last(incident, "incident.severity_changed")
    assert (entry.payload["raised"], entry.personal_text) == (True, "Customers' data")
    assert last(incident, "muster.widened").payload["severity"] == "SEV1"


def test_lowering_the_severity_calls_nobody_back_and_says_so() -> None:
    company = make_company()
    incident = make_incident(severity=1)
    pass_time(0)
    incident = change_severity(incident_id=incident.pk, severity=3, by=by(company.sid), now=after(30))
    pass_time(30)
    assert set(Page.objects.values_list("state", flat=True)) == {"paging"}
    assert MusterTier.objects.count() == 4
    entry = last(incident, "incident.severity_changed")
    assert (entry.payload["raised"], entry.payload["stay_called"]) == (False, True)


def test_raising_a_quorum_asks_for_one_more_of_a_tier_that_was_complete() -> None:
    company = make_company(quorums={"vp": 2})
    vp = company.vic.tiers.get()
    require(2, vp, quorum=1)
    incident = make_incident(severity=2)
    pass_time(0)
    answer(incident, company.vic, "vp", at=5)
    assert MusterTier.objects.get(key="vp").state == "complete"
    change_severity(incident_id=incident.pk, severity=1, by=by(company.otto), now=after(60))
    pass_time(60)
    assert MusterTier.objects.get(key="vp").state == "gathering"
    assert states(incident, "vp") == {"Vic": "confirmed", "Vera": "called"}
    page = page_of(incident, "muster:vp")
    assert Delivery.objects.filter(page=page, person=company.vera).exists()
    assert not Delivery.objects.filter(page=page, person=company.vic).exists()
    answer(incident, company.vera, "vp", at=70)
    page.refresh_from_db()
    assert (MusterTier.objects.get(key="vp").state, page.state) == ("complete", "acknowledged")


def test_raising_from_low_urgency_calls_again_and_loudly() -> None:
    company = make_company()
    require(4, company.mia.tiers.get())
    incident = make_incident(severity=4)
    pass_time(0)
    quiet = page_of(incident, "muster:manager")
    assert quiet.urgency == "low"
    change_severity(incident_id=incident.pk, severity=1, by=by(company.otto), now=after(60))
    pass_time(60)
    loud = page_of(incident, "muster:manager")
    quiet.refresh_from_db()
    assert (loud.urgency, loud.state) == ("high", "paging")
    assert (quiet.state, quiet.cancel_reason) == ("cancelled", "merged")
    assert Delivery.objects.filter(page=loud, person=company.mia).exists()


def test_an_ended_incident_has_no_severity_to_change() -> None:
    sue = make_person("Sue")
    incident = make_incident(severity=3, declared_by=sue)
    change_status(incident_id=incident.pk, status="resolved", by=by(sue), now=after(1))
    with pytest.raises(IllegalMove, match="Reopen it first"):
        change_severity(incident_id=incident.pk, severity=1, by=by(sue), now=after(2))


def test_a_role_is_handed_over_and_both_are_told() -> None:
    otto, mia, ada = make_person("Otto"), make_person("Mia"), make_person("Ada")
    incident = make_incident(severity=3, declared_by=otto)
    take_command(incident_id=incident.pk, person=otto, by=by(otto), now=after(1))
    assert not Delivery.objects.filter(kind="news").exists()  # who takes it knows it
    assign_role(incident_id=incident.pk, role="commander", person=mia, by=by(ada), now=after(2))
    assert commander_of(incident) == mia
    former = RoleAssignment.objects.get(person=otto)
    assert (former.since, former.until) == (after(1), after(2))
    told = {each.person.name: each.content["sentence"] for each in Delivery.objects.filter(kind="news")}
    assert told == {
        "Mia": "You are now incident commander. Ada gave you the role.",
        "Otto": "You are no longer incident commander: Mia has it now.",
    }
    assert last(incident, "incident.role_assigned").payload["previous"] == "Otto"


def test_a_role_can_be_left_empty_and_the_rule_does_not_fill_it_again() -> None:
    company = make_company()
    incident = make_incident(severity=2)
    pass_time(0)
    answer(incident, company.otto, "on_call", at=5)
    assign_role(incident_id=incident.pk, role=RoleName.COMMANDER, person=None, by=by(company.otto), now=after(10))
    add_note(incident_id=incident.pk, text="Handing back", by=by(company.otto), now=after(11))
    pass_time(12)
    assert commander_of(incident) is None


@pytest.mark.parametrize("role", ["boss", ""])
def test_an_unknown_role_is_refused(role: str) -> None:
    sue = make_person("Sue")
    incident = make_incident(severity=3, declared_by=sue)
    with pytest.raises(BadInput):
        assign_role(incident_id=incident.pk, role=role, person=sue, by=by(sue), now=after(1))


def test_who_left_holds_no_role_and_is_not_called() -> None:
    sue, gone = make_person("Sue"), make_person("Max", active=False)
    incident = make_incident(severity=3, declared_by=sue)
    with pytest.raises(BadInput, match="does not work here"):
        assign_role(incident_id=incident.pk, role="scribe", person=gone, by=by(sue), now=after(1))
    with pytest.raises(BadInput, match="Max left"):
        add_responders(incident_id=incident.pk, people=[sue, gone], by=by(sue), now=after(1))


def test_a_note_is_personal_text_and_an_empty_one_is_refused() -> None:
    sue = make_person("Sue")
    incident = make_incident(severity=3, declared_by=sue)
    add_note(incident_id=incident.pk, text=" Customer Ek called ", by=by(sue), now=after(1))
    assert last(incident, "incident.noted").personal_text == "Customer Ek called"
    with pytest.raises(BadInput):
        add_note(incident_id=incident.pk, text="  ", by=by(sue), now=after(1))


def test_added_responders_are_called_until_each_answers() -> None:
    otto, sid, sue = make_person("Otto"), make_person("Sid"), make_person("Sue")
    incident = make_incident(severity=3, service=make_service("mail", otto), declared_by=sue)
    pass_time(0)
    added = add_responders(incident_id=incident.pk, people=[sid, sue, otto], by=by(otto), now=after(10))
    assert added.sentence == "Sid and Sue will be called now. Otto is called already or has answered."
    pass_time(10)
    assert called(incident) == {"Otto", "Sid", "Sue"}
    page = page_of(incident, "responders")
    assert page.required_acknowledgements == 2
    assert Page.objects.filter(subject=incident.subject).count() == 2


def test_a_new_title_goes_to_the_pages_that_still_call() -> None:
    otto = make_person("Otto")
    incident = make_incident("Mail slow", severity=3, service=make_service("mail", otto))
    rename(incident_id=incident.pk, title="Mail queue stuck", by=by(otto), now=after(1))
    assert Page.objects.get().title.endswith("Mail queue stuck")
    assert last(incident, "incident.renamed").payload["from"] == "Mail slow"
    with pytest.raises(BadInput):
        rename(incident_id=incident.pk, title=" ", by=by(otto), now=after(2))


@pytest.mark.parametrize(
    "move",
    [
        lambda i, c: change_status(incident_id=i.pk, status="identified", by=by(c.sid), now=after(1)),
        lambda i, c: change_severity(incident_id=i.pk, severity=2, by=by(c.sid), now=after(1)),
        lambda i, c: assign_role(incident_id=i.pk, role="scribe", person=c.sid, by=by(c.sid), now=after(1)),
        lambda i, c: add_note(incident_id=i.pk, text="Seen", by=by(c.sid), now=after(1)),
        lambda i, c: add_responders(incident_id=i.pk, people=[c.cam], by=by(c.sid), now=after(1)),
        lambda i, c: rename(incident_id=i.pk, title="Other", by=by(c.sid), now=after(1)),
    ],
)
def test_every_move_counts_the_version_up_and_is_in_the_ledger(move: Callable[[Incident, Company], object]) -> None:
    company = make_company()
    incident = make_incident(severity=3, declared_by=company.sid)
    version, count = Incident.objects.get().version, len(entries(incident.subject))
    move(incident, company)
    assert Incident.objects.get().version > version
    assert len(entries(incident.subject)) > count


def test_raising_it_pages_the_service_loudly_where_it_was_paged_quietly() -> None:
    company = make_company()
    service = make_service("mail", company.otto)
    SeverityPolicy.objects.filter(pk=4).update(high_urgency=False)
    incident = make_incident(severity=4, service=service)
    asked = start_page(
        policy=freeze_person(company.olga),
        title="Look at it",
        urgency="low",
        subject=incident.subject,
        by=by(company.otto),
        now=after(1),
    )
    quiet = page_of(incident, "service")
    change_severity(incident_id=incident.pk, severity=3, by=by(company.otto), now=after(60))
    quiet.refresh_from_db()
    asked.refresh_from_db()
    assert (quiet.urgency, quiet.state, quiet.cancel_reason) == ("low", "cancelled", "merged")
    loud = Page.objects.get(subject=incident.subject, purpose="service", state="paging")
    assert (loud.urgency, asked.state) == ("high", "paging")
    change_severity(incident_id=incident.pk, severity=4, by=by(company.otto), now=after(90))
    change_severity(incident_id=incident.pk, severity=3, by=by(company.otto), now=after(120))
    assert Page.objects.filter(subject=incident.subject, purpose="service").count() == 2, "called already"


def test_somebody_called_in_an_earlier_search_of_a_page_is_called_when_added() -> None:
    otto, sid = make_person("Otto"), make_person("Sid")
    service = make_service("mail", otto)
    service.policy = make_policy((300, [otto]), (300, [sid]), name="Mail")
    service.save()
    incident = make_incident(severity=3, service=service)
    pass_time(0, 300)
    page = page_of(incident, "service")
    acknowledge(page_id=page.pk, person=otto, by=by(otto), now=after(310))
    snooze(page_id=page.pk, person=otto, until=after(400), by=by(otto), now=after(320))
    pass_time(400)
    page.refresh_from_db()
    assert (page.state, page.level) == ("paging", 1), "Sid's phone has been silent since Otto's answer"
    added = add_responders(incident_id=incident.pk, people=[sid, otto], by=by(otto), now=after(410))
    assert (added.called, added.already) == ((sid,), (otto,))
