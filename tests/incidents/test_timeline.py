"""The ledger of an incident reads as sentences; every verb that is written has one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import transaction

from incidents.operations.add_note import add_note
from incidents.operations.change_severity import change_severity
from incidents.operations.merge import merge
from incidents.operations.resolve import resolve
from incidents.sentences import SAYINGS, Said
from incidents.timeline import newest_lines, timeline
from ledger.actor import Actor
from ledger.chains import ERASED
from ledger.operations.append import append
from ledger.operations.erase_personal_text import erase_personal_text
from notifications.operations.acknowledge import acknowledge
from tests.builders import by, make_person
from tests.incidents.builders import after, answer, make_company, make_incident, page_of, pass_time, refuse
from web.icons import names

ROOT = Path(__file__).resolve().parents[2]
VERBS = re.compile(r'"((?:incident|muster|page)\.[a-z_]+)"')


def written_verbs() -> set[str]:
    """Return every verb that the operations of incidents and notifications write."""
    files = [*(ROOT / "incidents/operations").glob("*.py"), *(ROOT / "notifications/operations").glob("*.py")]
    return {verb for file in files for verb in VERBS.findall(file.read_text())}


def test_every_verb_that_is_written_has_a_sentence_and_every_sentence_a_verb() -> None:
    ours = {verb for verb in SAYINGS if VERBS.fullmatch(f'"{verb}"')}
    assert {*written_verbs(), ERASED} == ours | {ERASED}  # what stands above registers sentences of its own


@pytest.mark.parametrize("verb", sorted(SAYINGS))
def test_a_sentence_stands_also_where_the_payload_lacks_something(verb: str) -> None:
    sentence = SAYINGS[verb].say(Said(who="Ada", via="web", payload={"people": [], "sentences": ["x"]}))
    assert sentence
    assert "%(" not in sentence
    assert SAYINGS[verb].icon in names()


@pytest.mark.django_db
def test_a_night_reads_as_it_was() -> None:
    company = make_company()
    incident = make_incident(
        "Database read from outside", declared_by=Actor.system(name="rule “database read”", via="rule")
    )
    pass_time(0)
    refuse(incident, company.vic, "vp", at=5)
    answer(incident, company.otto, "on_call", at=10)
    refuse(incident, company.ada, "ceo", at=12)
    answer(incident, company.vera, "ceo", at=20)
    answer(incident, company.mia, "manager", at=31)
    with transaction.atomic():
        add_note(incident_id=incident.pk, text="The way in is closed", by=by(company.otto), now=after(200))
        resolve(incident_id=incident.pk, by=by(company.otto), now=after(930))
    told = [line.sentence for line in timeline(incident)]
    for sentence in (
        "rule “database read” declared a SEV1: Database read from outside",
        "The muster for SEV1 began: CEO, VP, MANAGER and ON_CALL",
        "Otto confirmed by keypad for ON_CALL",
        "Otto is incident commander by rule, as the first on call to confirm",
        "Ada can't; the next in line for CEO",
        "Vera confirmed by keypad, stands in for Ada",
        "Ada is succeeded by Vera",
        "The muster is complete after 31 s",
        "Otto noted",
        "Otto resolved it after 15 min 30 s",
    ):
        assert sentence in told
    note = next(line for line in timeline(incident) if line.verb == "incident.noted")
    assert (note.text, note.who, note.at) == ("The way in is closed", "Otto", after(200))


@pytest.mark.django_db
def test_the_cursor_goes_on_where_the_last_line_ended() -> None:
    make_company()
    incident = make_incident()
    pass_time(0)
    first = timeline(incident, limit=3)
    second = timeline(incident, after_seq=first[-1].seq, limit=1000)
    whole = timeline(incident, limit=1000)
    assert [line.seq for line in [*first, *second]] == [line.seq for line in whole]
    assert [line.seq for line in newest_lines(incident, limit=2)] == [whole[-1].seq, whole[-2].seq]


@pytest.mark.django_db
def test_an_erased_note_says_that_it_is_erased() -> None:
    sue = make_person("Sue")
    incident = make_incident(severity=3, declared_by=sue)
    with transaction.atomic():
        add_note(incident_id=incident.pk, text="Customer Ek's number is 555", by=by(sue), now=after(1))
        line = timeline(incident)[-1]
        erase_personal_text(subject=incident.subject, seqs=[line.seq], by=by(sue), now=after(2))
    texts = [each.text for each in timeline(incident) if each.verb == "incident.noted"]
    assert texts == ["(erased)"]


@pytest.mark.django_db
def test_more_sentences() -> None:
    company = make_company()
    incident = make_incident("Mail slow", severity=2, declared_by=company.sid)
    other = make_incident("Queue stuck", severity=2, declared_by=company.sid)
    pass_time(0)
    with transaction.atomic():
        page = page_of(incident, "muster:on_call")
        acknowledge(page_id=page.pk, person=company.otto, by=by(company.mia), via="web", now=after(5))
        change_severity(incident_id=incident.pk, severity=4, by=by(company.mia), now=after(6))
        merge(incident_id=other.pk, into_id=incident.pk, by=by(company.mia), now=after(7))
        append(subject=incident.subject, verb="plan.started", by=by(company.mia), now=after(8))
    told = [line.sentence for line in timeline(incident)]
    for sentence in (
        "Mia acknowledged on behalf of Otto, which confirms nobody",
        "Mia lowered the severity from SEV2 to SEV4; who was called stays called",
        f"Mia merged incident {other.number} into this one: Queue stuck",
        "Mia: plan.started",
    ):
        assert sentence in told


@pytest.mark.django_db
def test_a_short_account_says_each_thing_once() -> None:
    company = make_company()
    incident = make_incident(severity=2)
    pass_time(0)
    answer(incident, company.otto, "on_call", at=8)
    whole = [line.verb for line in newest_lines(incident)]
    short = [line.verb for line in newest_lines(incident, details=False)]
    assert {"page.started", "page.acknowledged"} <= set(whole)
    assert {"page.started", "page.acknowledged"}.isdisjoint(short)
    assert {"muster.confirmed", "page.called", "incident.declared"} <= set(short)
    assert [line.verb for line in newest_lines(incident, limit=2, headlines_only=True)] == [
        "incident.role_assigned",
        "muster.complete",
    ]
