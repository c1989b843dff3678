"""What plans call: every move of a reset against a real table of accounts."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from nacl.public import PrivateKey, SealedBox
from pytest_django import Settings

from eap.actions.base import Stopped, Trouble
from eap.actions.registry import actions
from eap.models import RunStep, Vote
from engine import clock
from ledger.models import Entry
from people.actors import actor_for
from people.models import Person
from resets.actions.inputs import ResetInputs
from resets.models import Account, CompletionReport, Phase, Reset, Seal, SealDestruction, Verification
from resets.operations.abort import abort
from resets.operations.pause import pause
from resets.operations.resume import resume
from tests.builders import NOW, make_person
from tests.eap.runs.builders import begin, chain, make_version, step
from tests.resets.actions.playing import OLD, Caller, make_accounts, make_system, rows
from tests.resets.engine.builders import make_reset

pytestmark = pytest.mark.django_db(transaction=True)
CUTOFF = (NOW - timedelta(hours=2)).isoformat()


@pytest.fixture
def table(tmp_path: Path, settings: Settings) -> Path:
    settings.RESET_FILES_DIR = tmp_path
    return make_accounts(tmp_path, 140)


@pytest.fixture
def plan(table: Path) -> Callable[..., Caller]:
    """Start a plan whose approval comes before the step that calls."""

    def started(*, approved: int = 2, drill: bool = False) -> Caller:
        version = make_version(
            chain(
                step("go", "approval", role="security", approval={"roles": ["security"], "count": 2}),
                step("step", "automation", call={"action": "reset", "with": {"do": "dry_run"}}),
            )
        )
        run = begin(version, who=make_person("Sid"), drill=drill)
        if approved:
            row = RunStep.objects.get(run=run, key="go")
            RunStep.objects.filter(pk=row.pk).update(state="done", ended_at=NOW, started_at=NOW)
            for name in ("Vic", "Mia")[:approved]:
                Vote.objects.create(step=row, person=make_person(name), answer="approve", digest="x", via="web", at=NOW)
        return Caller(run)

    return started


def _go(call: Caller, *moves: str, **given: Any) -> None:
    for move in moves:
        call(move, **given)


def _frozen(call: Caller, **given: Any) -> Reset:
    call("prepare", cutoff=CUTOFF, **given)
    call("freeze")
    return Reset.objects.get()


def test_the_registry_knows_it_without_loading_anything() -> None:
    assert actions.get("reset") is not None


def test_the_whole_way_leaves_no_old_password(plan: Callable[..., Caller], table: Path) -> None:
    make_system()
    call = plan()
    reset = _frozen(call)
    assert reset.run == call.run
    assert reset.created_by is not None
    assert reset.created_by.name == "Sid"
    found = call("dry_run")
    assert found.facts["accounts"] == 140
    assert all(value == (f"{OLD}{n}", 0) for n, value in enumerate(rows(table).values())), "so far nothing was changed"
    _go(call, "disable", "lock", "revoke", through="canary")
    canary = set(Account.objects.filter(reset=reset, wave=0).values_list("login", flat=True))
    touched = {login for login, (hashed, flag) in rows(table).items() if flag or not hashed.startswith(OLD)}
    assert touched == canary
    assert len(canary) == 5
    assert call("verify", through="canary").facts["looked_at"] == 5
    result = call("disable")
    assert (result.facts["accounts"], result.facts["applied"], result.facts["missed"]) == (140, 140, 0)
    _go(call, "lock", "revoke")
    assert all(flag == 1 and hashed.startswith("!") for hashed, flag in rows(table).values())
    assert call("verify", sample=50).facts["looked_at"] == 55
    result = call("report")
    report = CompletionReport.objects.get()
    assert result.facts["fingerprint"] == report.fingerprint
    assert (report.facts["accounts"], report.facts["stragglers"], report.facts["state"]) == (140, 140, "done")
    assert Entry.objects.get(subject=reset.subject, verb="reset.reported").payload["fingerprint"] == report.fingerprint


def test_a_move_that_is_repeated_changes_nothing(plan: Callable[..., Caller], table: Path) -> None:
    make_system()
    call = plan()
    reset = _frozen(call)
    for move in ("disable", "lock"):
        first = call(move)
        again = call(move)
        assert first.facts["applied"] == again.facts["applied"] == 140
    _go(call, "prepare", "freeze", cutoff=CUTOFF)
    assert Reset.objects.get() == reset
    assert Phase.objects.filter(reset=reset).count() == 2


def test_an_approval_shows_how_many_it_would_be(plan: Callable[..., Caller], table: Path) -> None:
    make_system()
    call = plan()
    assert call.preview("disable").counts == {}
    _frozen(call)
    preview = call.preview("disable", through="canary")
    assert preview.sentence.startswith("Would disable 5 accounts of ")
    assert preview.counts == {"left alone": 0}
    everybody = call.preview("lock")
    assert everybody.sentence.startswith("Would lock the passwords of 140 accounts of ")
    assert everybody.counts == {"canary": 5, "left alone": 0}
    assert not Phase.objects.exists(), "it only looks"


def test_without_an_approval_a_second_person_opens_the_waves(plan: Callable[..., Caller], table: Path) -> None:
    make_system()
    call = plan(approved=0)
    _frozen(call)
    assert call("disable", through="canary").facts["applied"] == 5
    call.stops = True
    with pytest.raises(Stopped):
        call("disable")
    assert any("second person" in line for line in call.said)
    assert sum(flag for _hashed, flag in rows(table).values()) == 5


def test_a_false_alarm_is_taken_back_while_no_password_was_replaced(plan: Callable[..., Caller], table: Path) -> None:
    make_system()
    call = plan()
    _frozen(call)
    call("disable", through="canary")
    with pytest.raises(Trouble, match="done through wave 0 only"):
        call("enable", take_back=True)
    call("disable")
    with pytest.raises(Trouble, match="comes after"):
        call("enable")
    assert call("enable", take_back=True).facts["applied"] == 140
    assert all(value == (f"{OLD}{n}", 0) for n, value in enumerate(rows(table).values()))


def test_once_passwords_are_replaced_there_is_no_way_back(plan: Callable[..., Caller], table: Path) -> None:
    make_system()
    call = plan()
    _frozen(call)
    call("disable")
    call("lock", through="canary")
    with pytest.raises(Trouble, match="comes after"):
        call("enable", take_back=True)
    assert all(flag == 1 for _hashed, flag in rows(table).values())


def test_old_hashes_are_sealed_before_and_two_people_destroy_them(plan: Callable[..., Caller], table: Path) -> None:
    make_system()
    key = PrivateKey.generate()
    call = plan()
    reset = _frozen(call, seal_key=base64.b64encode(bytes(key.public_key)).decode())
    call("disable")
    with pytest.raises(Trouble, match="seal"):
        call("lock")
    assert call("seal").facts["applied"] == 140
    _go(call, "lock")
    opened = [json.loads(SealedBox(key).decrypt(bytes(row.box))) for row in Seal.objects.filter(reset=reset)]
    hashes = {login: hashed for box in opened for login, hashed in box["hashes"]}
    assert hashes == {f"user{n:04}": f"{OLD}{n}" for n in range(140)}
    assert all(OLD.encode() not in bytes(row.box) for row in Seal.objects.all())
    result = call("destroy_seals")
    assert result.facts["accounts"] == 140
    ended = SealDestruction.objects.get()
    assert (ended.asked_by_name, ended.done_by_name) == ("Vic", "Mia")
    assert not Seal.objects.exists()
    assert call("destroy_seals").facts["left"] == 0


def test_one_person_alone_destroys_nothing(plan: Callable[..., Caller], table: Path) -> None:
    make_system()
    call = plan(approved=1)
    _frozen(call, seal_key=base64.b64encode(bytes(PrivateKey.generate().public_key)).decode())
    call("seal")
    with pytest.raises(Trouble, match="Two people"):
        call("destroy_seals")
    assert Seal.objects.exists()


def test_told_to_stop_it_pauses_and_the_next_attempt_goes_on(plan: Callable[..., Caller], table: Path) -> None:
    make_system()
    call = plan()
    reset = _frozen(call)
    call.stops, call.works = True, False
    with pytest.raises(Stopped) as stopped:
        call("disable")
    assert stopped.value.confirmed
    reset.refresh_from_db()
    assert reset.state == "paused"
    call.stops, call.works = False, True
    assert call("disable").facts["applied"] == 140


def test_what_a_person_paused_only_a_person_resumes(plan: Callable[..., Caller], table: Path) -> None:
    make_system()
    call = plan()
    reset = _frozen(call)
    call("disable", through="canary")
    by = actor_for(Person.objects.get(name="Mia"), via="web")
    with transaction.atomic():
        pause(reset=reset, by=by, now=clock.now(), reason="Support is drowning.")
    call.stops = True
    with pytest.raises(Stopped):
        call("disable")
    assert "Paused: Support is drowning." in call.said
    with transaction.atomic():
        resume(reset=reset, by=by, now=clock.now())
    call.stops = False
    assert call("disable").facts["applied"] == 140


def test_an_aborted_reset_fails_the_step(plan: Callable[..., Caller], table: Path) -> None:
    make_system()
    call = plan()
    reset = _frozen(call)
    with transaction.atomic():
        abort(reset=reset, by=actor_for(make_person("Max"), via="web"), now=clock.now(), reason="False alarm")
    with pytest.raises(Trouble):
        call("disable")
    assert not any(flag for _hashed, flag in rows(table).values())


def test_a_canary_that_can_still_sign_in_fails_the_step_and_pauses(plan: Callable[..., Caller], table: Path) -> None:
    make_system()
    call = plan()
    reset = _frozen(call)
    _go(call, "disable", "lock", "revoke", through="canary")
    ill = Account.objects.filter(reset=reset, wave=0).first()
    assert ill is not None
    with sqlite3.connect(table) as database:
        database.execute(
            "UPDATE users SET passwd = ?, disabled = 0, cred_gen = 0 WHERE userid = ?", (f"{OLD}again", ill.login)
        )
    database.close()
    with pytest.raises(Trouble, match="1 checks do not hold"):
        call("verify", through="canary")
    reset.refresh_from_db()
    assert reset.state == "paused"
    assert "canary" in reset.trouble
    assert any(ill.login in line for line in call.said)
    assert Verification.objects.get().failed == 1


def test_a_missing_right_stops_the_dry_run(plan: Callable[..., Caller], table: Path) -> None:
    system = make_system()
    call = plan()
    _frozen(call)
    system.settings["users"]["cred_gen"] = "nowhere"
    system.save()
    with pytest.raises(Trouble, match="nowhere"):
        call("dry_run")


def test_the_dry_run_tells_of_another_reset_of_the_same_hosts(plan: Callable[..., Caller], table: Path) -> None:
    system = make_system()
    call = plan()
    mine = _frozen(call)
    host = Account.objects.filter(reset=mine)[0].shard
    other = make_reset(systems=[system], shards=[host])
    sentence = f"“{other.title}” covers accounts of {system.name}"
    assert sentence in call("dry_run").sentence
    assert any(line.startswith(sentence) for line in call.said)
    Reset.objects.filter(pk=other.pk).update(state="done", ended_at=clock.now() - timedelta(days=2))
    assert "covers accounts" not in call("dry_run").sentence


@pytest.mark.parametrize(
    ("systems", "names"), [("all", {"ftp", "shell"}), ("", {"ftp", "shell"}), ("shell", {"shell"})]
)
def test_it_covers_the_systems_that_are_named(
    plan: Callable[..., Caller], tmp_path: Path, systems: str, names: set[str]
) -> None:
    make_system()
    make_accounts(tmp_path, 3, name="shell.sqlite")
    make_system("shell", name="shell.sqlite")
    make_system("play", drill=True, name="shell.sqlite")
    call = plan()
    call("prepare", cutoff=CUTOFF, systems=systems)
    assert {system.key for system in Reset.objects.get().systems.all()} == names
    with pytest.raises(Trouble, match="no account system mail"):
        plan()("prepare", cutoff=CUTOFF, systems="mail")


def test_in_a_drill_only_systems_for_drills_are_touched(plan: Callable[..., Caller], tmp_path: Path) -> None:
    make_system()
    make_accounts(tmp_path, 12, name="play.sqlite")
    make_system("play", drill=True, name="play.sqlite")
    call = plan(drill=True)
    _frozen(call)
    call("disable")
    assert all(flag == 0 for _hashed, flag in rows(tmp_path / "ftp.sqlite").values())
    assert all(flag == 1 for _hashed, flag in rows(tmp_path / "play.sqlite").values())


def test_what_it_is_told_is_checked() -> None:
    with pytest.raises(ValueError, match="cutoff"):
        ResetInputs.model_validate({"do": "prepare"})
    with pytest.raises(ValueError, match="do"):
        ResetInputs.model_validate({"do": "delete"})
    read = ResetInputs.model_validate({"do": "prepare", "cutoff": CUTOFF, "systems": "ftp, shell", "seal_key": "none"})
    assert (read.systems, read.seal_key) == (("ftp", "shell"), "")
