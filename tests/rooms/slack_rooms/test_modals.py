"""Whatever an incident's texts: its modals, summary, announcement, Home tab and drafts are what Slack takes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eap.models import RunStep
from incidents.models import Incident, Service, SeverityPolicy
from incidents.operations.add_note import add_note
from incidents.operations.declare import declare
from incidents.operations.take_command import take_command
from rooms.slack import blocks
from rooms.slack.asking.answers import help_about, listed, on_call, status_of
from rooms.slack.home.view import home_of, home_of_stranger
from rooms.slack.incident_rooms.drafts import draft_message
from rooms.slack.incident_rooms.summary import announcement_of, summary_of, topic_of
from rooms.slack.moving.declaring import declare_modal
from rooms.slack.moving.modals import decision_modal, note_modal, resolve_modal, role_modal, update_modal
from rooms.slack.people import offer
from rooms.slack.typed import remembered, ticked, typed
from tests.builders import NOW, by, make_person, make_schedule
from tests.eap.runs.builders import begin, make_version, step
from tests.incidents.builders import make_incident
from tests.rooms.slack_rooms.limits import check_message, check_view, units
from tests.rooms.slack_rooms.workplace import connect
from tests.statuspage.builders import draft, make_component, make_page

CONTRACTS: Final = Path(os.environ.get("CONTRACTS_DIR") or "../shared/contracts") / "slack"
WORDS: Final = st.text(alphabet=st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=200)
TITLE: Final = WORDS | st.text(alphabet="<>&|*_`~! @#😀\n", max_size=199).map(lambda text: f"!{text}")
LONG: Final = st.builds(lambda text, times: text * times, TITLE, st.integers(min_value=1, max_value=60))


@pytest.mark.django_db
@given(title=TITLE, text=LONG, name=WORDS, meaning=WORDS)
@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_any_incident_is_within_the_limits(title: str, text: str, name: str, meaning: str) -> None:
    with transaction.atomic():
        person = make_person(name.strip()[:80] or "Ada")
        service, _new = Service.objects.get_or_create(key="mail", defaults={"name": name[:80]})
        SeverityPolicy.objects.update_or_create(severity=1, defaults={"meaning": meaning[:150]})
        incident = declare(title=title, summary=text, severity=1, service=service, by=by(person), now=NOW)
        add_note(incident_id=incident.pk, text=text, by=by(person), now=NOW)
        take_command(incident_id=incident.pk, person=person, by=by(person), now=NOW)
        Incident.objects.filter(pk=incident.pk).update(trouble=text[:300])
        incident.refresh_from_db()
        check_message(summary_of(incident).arguments())
        check_message(announcement_of(incident, channel_id="C0001").arguments())
        assert 1 <= units(topic_of(incident)) <= 250
        for build in (update_modal, note_modal, decision_modal, role_modal, resolve_modal):
            check_view(build(incident))
        check_view(declare_modal(title=title, summary=text, metadata="{}"))
        check_view(home_of(person, now=NOW))
        for answer in (listed(person), status_of(incident), on_call(NOW), help_about(text)):
            check_message(answer.arguments())
        transaction.set_rollback(True)


@pytest.mark.django_db
@given(titles=st.lists(TITLE, min_size=1, max_size=200), names=st.lists(WORDS, min_size=1, max_size=60))
@settings(
    deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_any_number_of_tasks_incidents_and_people_on_call_is_within_the_limits(
    titles: list[str], names: list[str]
) -> None:
    with transaction.atomic():
        ada = make_person("Ada")
        people = [make_person(f"{number} {name.strip()}"[:80], methods=[]) for number, name in enumerate(names)]
        for number in range(3):
            make_schedule(f"{number} {names[0]}"[:80], *people)
        run = begin(make_version([step("first")]), who=ada)
        RunStep.objects.bulk_create(
            RunStep(
                run=run,
                key=f"task-{number}",
                position=number + 2,
                kind="manual",
                title=title[:200],
                state="ready",
                person=ada,
                due_at=NOW,
            )
            for number, title in enumerate(titles)
        )
        for number, title in enumerate(titles[:15]):
            declare(title=f"{title} {number}"[:200], severity=1 + number % 4, by=by(ada), now=NOW)
        check_view(home_of(ada, now=NOW))
        check_message(listed(ada).arguments())
        check_message(on_call(NOW).arguments())
        transaction.set_rollback(True)


def test_what_somebody_unknown_is_offered_is_within_the_limits() -> None:
    check_message(offer(team_id="T" * 20, user_id="U" * 20))
    check_view(home_of_stranger(team_id="T" * 20, user_id="U" * 20))


@pytest.mark.django_db
@given(text=LONG, name=WORDS)
@settings(
    deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_any_draft_is_within_the_limits(text: str, name: str) -> None:
    with transaction.atomic():
        page = make_page()
        incident = make_incident(severity=3)
        update = draft(
            page,
            text[:10_000],
            name=name[:200],
            components={make_component(page, "Web"): "major_outage"},
            incident=incident,
        )
        check_message(draft_message(update).arguments())
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_more_services_than_slack_lists_are_cut() -> None:
    Service.objects.bulk_create([Service(key=f"s{place}", name=f"Service {place:03d}") for place in range(130)])
    view = declare_modal(title="", summary="", metadata="{}")
    check_view(view)
    (field,) = [block for block in view["blocks"] if block.get("block_id") == "service"]
    assert len(field["element"]["options"]) == 100


@pytest.mark.django_db
def test_the_private_box_says_what_it_does_here() -> None:
    assert "Nothing of it appears in Slack." in str(declare_modal(title="", summary="", metadata="{}"))
    connect(private_channels=True)
    assert "It gets a private channel." in str(declare_modal(title="", summary="", metadata="{}"))


@pytest.mark.parametrize(
    "view",
    [
        {},
        {"state": None},
        {"state": {"values": {"title": "x"}}},
        {"private_metadata": "no json"},
        {"private_metadata": "[]"},
    ],
)
def test_a_broken_view_reads_as_empty(view: dict[str, Any]) -> None:
    assert (typed(view, "title"), ticked(view, "private"), remembered(view)) == ("", False, {})


@pytest.mark.skipif(not CONTRACTS.is_dir(), reason=f"no provider payloads at {CONTRACTS} (CONTRACTS_DIR)")
def test_our_blocks_have_only_what_slacks_own_examples_and_shapes_have() -> None:
    known: dict[str, set[str]] = {}
    for file in (*CONTRACTS.glob("examples/*.json"), *CONTRACTS.glob("shapes/*.json")):
        _gather(json.loads(file.read_text()), known)
    ours: dict[str, set[str]] = {}
    view = blocks.modal(
        title="t",
        callback="c",
        blocks=[blocks.text_input("title", "Title", optional=True, multiline=False)],
        submit="s",
        close="c",
        metadata="{}",
    )
    message = [
        blocks.section(blocks.escape("x")),
        blocks.actions(blocks.button("Go", "go", value="1", style="primary"), block_id="row"),
    ]
    _gather({"view": view, "blocks": message}, ours)
    for kind, names in ours.items():
        assert kind in known, f"Slack's examples have no {kind}"
        assert names - known[kind] <= {"max_length"}, f"{kind}: {names - known[kind]}"


def _gather(found: Any, known: dict[str, set[str]]) -> None:
    """Note which fields objects of each Block Kit type have."""
    if isinstance(found, dict):
        kind = found.get("type")
        if kind in ("modal", "input", "plain_text_input", "plain_text", "section", "mrkdwn", "actions", "button"):
            known.setdefault(str(kind), set()).update(found)
        for value in found.values():
            _gather(value, known)
    elif isinstance(found, list):
        for value in found:
            _gather(value, known)
