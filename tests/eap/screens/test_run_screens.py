"""The run's screens: starting, working, approving, looking; by plain forms, as a browser without script sends them."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from eap.models import Evidence, LogLine, Run, RunStep
from eap.operations.runs.stop_run import stop_run
from engine import clock
from people.models import Person
from tests.builders import by, make_person, make_tier
from tests.eap.runs import builders
from tests.eap.runs.builders import at, automation, chain, do, fresh, make_incident, make_version, states, step

pytestmark = pytest.mark.django_db


def begin(version: Any, **given: Any) -> Run:
    """Start a run now: screens ask the real clock, and approvals expire."""
    return builders.begin(version, now=clock.now(), **given)


def go() -> None:
    """Do what is due now."""
    builders.go(clock.now())


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(client: Client, run: Run) -> str:
    return client.get(reverse("run", args=[run.pk])).content.decode()


def post(client: Client, name: str, run: Run, key: str = "", **given: Any) -> str:
    arguments = [run.pk, key] if key else [run.pk]
    came_from = {"referer": "http://testserver" + reverse("run", args=[run.pk])}
    return client.post(reverse(name, args=arguments), given, follow=True, headers=came_from).content.decode()


@pytest.fixture
def otto() -> Person:
    return make_person("Otto")


@pytest.fixture
def vic() -> Person:
    vic = make_person("Vic")
    make_tier("vp", vic)
    return vic


ROLES = {"ops": {"title": "Operations", "tier": "on-call"}, "vp": {"title": "Vice president", "tier": "vp"}}


def version(*steps: dict[str, Any], **more: Any) -> Any:
    return make_version(chain(*steps), roles=ROLES, **more)


def test_a_plan_is_started_from_its_form_and_what_is_wrong_stands_beside_the_field(otto: Person) -> None:
    make_tier("on-call", otto)
    plan = version(
        step("look", role="ops"),
        inputs={"hosts_left": {"type": "number", "title": "Hosts left", "minimum": 1}},
    ).plan
    client = browser(otto)
    address = reverse("run_start", args=[plan.key])
    assert "Hosts left" in client.get(address).content.decode()
    refused = client.post(address, {"input_hosts_left": "none"})
    assert refused.status_code == 422
    assert "Hosts left" in refused.content.decode()
    assert not Run.objects.exists()
    answer = client.post(address, {"input_hosts_left": "3", "drill": "on", "reason": "Friday"}, follow=True)
    run = Run.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("run", args=[run.pk])
    assert (run.inputs, run.drill, run.reason) == ({"hosts_left": 3}, True, "Friday")
    assert "EXERCISE" in answer.content.decode()


def test_a_time_is_picked_on_the_readers_clocks(otto: Person) -> None:
    make_tier("on-call", otto)
    otto.time_zone = "Europe/Stockholm"
    otto.save()
    asked = {"cutoff": {"type": "datetime", "title": "Cutoff", "help": "Rather too late."}}
    plan = version(step("look", role="ops"), inputs=asked).plan
    client = browser(otto)
    address = reverse("run_start", args=[plan.key])
    assert "Rather too late. In your time zone, Europe/Stockholm." in client.get(address).content.decode()
    refused = client.post(address, {"input_cutoff": "yesterday"})
    assert (refused.status_code, Run.objects.count()) == (422, 0)
    assert 'value="yesterday"' in refused.content.decode()
    client.post(address, {"input_cutoff": "2026-11-22T03:00"})
    assert Run.objects.get().inputs == {"cutoff": "2026-11-22T02:00:00+00:00"}


def test_what_waits_for_the_reader_is_on_top_and_done_with_one_form(otto: Person) -> None:
    make_tier("on-call", otto)
    run = begin(
        version(step("look", role="ops", evidence={"note": True}, instructions="Look **twice**."), step("after"))
    )
    go()
    client = browser(otto)
    shown = page(client, run)
    assert "Waiting for you" in shown
    assert "Look <strong>twice</strong>." in shown
    assert "Write" in post(client, "step_complete", run, "look") or states(run)["look"] != "done"
    assert states(run)["look"] != "done", "the plan asks for a note"
    post(client, "step_complete", run, "look", note="Seen from two places.")
    assert states(run)["look"] == "done"
    assert "Seen from two places." in client.get(reverse("run_step", args=[run.pk, "look"])).content.decode()


def test_lines_are_answered_with_initials_and_the_run_goes_on(otto: Person) -> None:
    make_tier("on-call", otto)
    lines = [{"text": "Backups run", "must": True}, {"text": "Nobody waits"}]
    run = begin(version(step("pause", "pause_point", role="ops", lines=lines)))
    go()
    client = browser(otto)
    post(client, "step_answer", run, "pause", line_0="yes", initials="OB")
    assert states(run)["pause"] == "active"
    post(client, "step_answer", run, "pause", line_1="na", initials="OB", then="complete")
    assert states(run)["pause"] == "done"


def test_a_decision_is_one_tap(otto: Person) -> None:
    make_tier("on-call", otto)
    decision = {
        "question": "Which way?",
        "options": [{"key": "left", "title": "Left"}, {"key": "right", "title": "Right"}],
    }
    run = begin(version(step("way", "decision", role="ops", decision=decision)))
    go()
    client = browser(otto)
    assert "Which way?" in page(client, run)
    post(client, "step_choose", run, "way", option="up")
    assert states(run)["way"] != "done"
    post(client, "step_choose", run, "way", option="right")
    assert at(run, "way").choice == "right"


def approval(**more: Any) -> dict[str, Any]:
    return step("go", "approval", approval={"roles": ["vp"], "of": "All **accounts** are locked.", **more})


def test_an_approval_shows_what_is_approved_and_refuses_who_asked(otto: Person, vic: Person) -> None:
    vera = make_person("Vera")
    make_tier("vp2", vera)
    run = begin(version(approval()), who=vic)
    go()
    mine = page(browser(vic), run)
    assert "Approve" not in mine, "who started it can't approve it"
    digest = _digest(run, vic)
    assert "somebody else has to approve" in post(browser(vic), "step_vote", run, "go", digest=digest, answer="approve")
    assert "none of the roles" in post(browser(otto), "step_vote", run, "go", digest=digest, answer="approve")
    assert states(run)["go"] == "ready"


def _digest(run: Run, person: Person) -> str:
    from eap.approvals import basis
    from eap.run_queries import board_for_reading

    return basis(board_for_reading(fresh(run)), at(run, "go")).digest


def test_what_can_not_be_undone_wants_a_second_factor(otto: Person, vic: Person) -> None:
    run = begin(version(approval(destructive=True)), who=otto)
    go()
    client = browser(vic)
    shown = page(client, run)
    assert "All <strong>accounts</strong> are locked." in shown
    assert "Set one up" in shown
    digest = _digest(run, vic)
    said = post(client, "step_vote", run, "go", digest=digest, answer="approve")
    assert "needs your second factor" in said
    secret = generate_totp_secret()
    TOTP.activate(vic, secret)
    assert "Code from your authenticator" in page(client, run)
    said = post(client, "step_vote", run, "go", digest=digest, answer="approve", code="000000")
    assert "does not fit" in said
    assert states(run)["go"] == "ready"
    code = f"{hotp_value(secret, next(iter(yield_hotp_counters_from_time()))):06d}"
    assert "You approved" in post(client, "step_vote", run, "go", digest=digest, answer="approve", code=code)
    assert at(run, "go").state == "done"
    assert at(run, "go").votes.get().second_factor


def test_guessing_codes_ends_after_five(otto: Person, vic: Person) -> None:
    TOTP.activate(vic, generate_totp_secret())
    run = begin(version(approval(destructive=True)), who=otto)
    go()
    client, digest = browser(vic), _digest(run, vic)
    said = [post(client, "step_vote", run, "go", digest=digest, answer="approve", code="123456") for _ in range(6)]
    assert "Too many wrong codes" not in said[4]
    assert "Too many wrong codes" in said[5]


def test_a_no_needs_no_second_factor(otto: Person, vic: Person) -> None:
    run = begin(version(approval(destructive=True)), who=otto)
    go()
    post(browser(vic), "step_vote", run, "go", digest=_digest(run, vic), answer="deny", note="Not now")
    assert states(run)["go"] == "failed"


def test_steering_pauses_adds_and_stops(otto: Person) -> None:
    make_tier("on-call", otto)
    run = begin(version(step("look", role="ops"), step("after", role="ops")))
    go()
    client = browser(otto)
    post(client, "run_pause", run)
    assert "nothing more begins" in page(client, run)
    post(client, "run_resume", run)
    waits = at(run, "after").pk
    post(client, "run_add_step", run, title="Call the bank", before=[str(waits)])
    assert RunStep.objects.filter(run=run, title="Call the bank").exists()
    post(client, "run_stop", run, how="now", reason="Enough")
    assert fresh(run).state == "stopped"
    assert "Start anew" in page(client, run)


def test_a_step_is_skipped_given_away_and_failed_with_reasons(otto: Person, vic: Person) -> None:
    make_tier("on-call", otto)
    run = begin(version(step("one", role="ops"), step("two", role="ops"), step("three", role="ops")))
    go()
    client = browser(otto)
    assert "This field is required" in post(client, "step_skip", run, "one", reason=" ")
    post(client, "step_reassign", run, "one", person=str(vic.pk))
    assert at(run, "one").person == vic
    post(client, "step_skip", run, "one", reason="Done before")
    go()
    post(client, "step_fail", run, "two", reason="No access")
    assert states(run) == {"one": "skipped", "two": "failed", "three": "waiting"}
    assert "No access" in page(client, run)


def test_who_may_not_work_is_told_so(otto: Person) -> None:
    make_tier("on-call", otto)
    sam = make_person("Sam")
    run = begin(version(step("look", role="ops")))
    go()
    said = browser(sam).post(reverse("step_complete", args=[run.pk, "look"]))
    assert said.status_code == 403
    assert states(run)["look"] == "ready"


def test_files_come_back_as_downloads_only(otto: Person) -> None:
    make_tier("on-call", otto)
    run = begin(version(step("look", role="ops", evidence={"file": True})))
    go()
    client = browser(otto)
    file = SimpleUploadedFile('x"><script>.html', b"<script>alert(1)</script>", content_type="text/html")
    post(client, "step_complete", run, "look", file=file)
    evidence = Evidence.objects.get(step__run=run)
    answer = client.get(reverse("run_evidence", args=[run.pk, evidence.pk]))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="x___script_.html"'
    assert "sandbox" in answer["Content-Security-Policy"]


def test_the_log_is_paged_by_cursor_and_a_long_one_costs_the_same(
    otto: Person, django_assert_max_num_queries: Any
) -> None:
    make_tier("on-call", otto)
    run = begin(version(automation("set"), step("look", role="ops")))
    go()
    made = at(run, "set")
    LogLine.objects.bulk_create(
        LogLine(run=run, step=made, at=run.started_at, text=f"line {number}") for number in range(5_000)
    )
    client = browser(otto)
    with django_assert_max_num_queries(40):
        assert "line 4999" in page(client, run)
    first = client.get(reverse("run_log", args=[run.pk])).content.decode()
    assert "line 4999" not in first
    last = LogLine.objects.order_by("-pk")[0].pk
    assert "line 4999" in client.get(reverse("run_log", args=[run.pk]), {"after": last - 5}).content.decode()


def test_many_steps_cost_no_more_queries_than_few(otto: Person, django_assert_max_num_queries: Any) -> None:
    make_tier("on-call", otto)
    run = begin(version(*[step(f"s{number}", role="ops") for number in range(150)]))
    go()
    client = browser(otto)
    page(client, run)
    with django_assert_max_num_queries(40):
        assert "Draw it" in page(client, run)
    assert "<svg" in client.get(reverse("run_picture", args=[run.pk])).content.decode()


def test_the_incidents_room_shows_its_runs_and_the_plans_that_fit(otto: Person) -> None:
    make_tier("on-call", otto)
    incident = make_incident(type="intrusion", severity=2)
    fits = version(step("look", role="ops"), title="Reset everything", suggested_for={"types": ["intrusion"]})
    client = browser(otto)
    room = reverse("incident", args=[incident.number])
    assert reverse("run_start", args=[fits.plan.key]) in client.get(room).content.decode()
    run = begin(fits, incident=incident)
    go()
    shown = client.get(room).content.decode()
    assert reverse("run", args=[run.pk]) in shown
    assert reverse("run_start", args=[fits.plan.key]) not in shown
    do(stop_run, run_id=run.pk, by=by(otto))
    assert "Start" in page(client, run)


def test_lists_show_what_waits_and_drills_apart(otto: Person) -> None:
    make_tier("on-call", otto)
    earnest = begin(version(step("look", role="ops"), title="In earnest"))
    drill = begin(version(step("look", role="ops"), title="For practice"), drill=True)
    go()
    client = browser(otto)
    listed = client.get(reverse("runs")).content.decode()
    assert "Waiting for you" in listed
    assert "In earnest" in listed
    assert "For practice" in listed
    only = client.get(reverse("runs"), {"show": "drills"}).content.decode()
    assert reverse("run", args=[drill.pk]) in only
    assert f'{reverse("run", args=[earnest.pk])}">In earnest' not in only
