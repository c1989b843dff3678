"""The plans that come with Muster: sound, and each walked as a drill by simulated people from start to end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from django.db import transaction

from demonstration.emergency_plans import prepare_plans
from demonstration.organisation import organise
from eap.format.lint import lint
from eap.format.read import read
from eap.models import Plan, Run, RunStep, StepTarget
from eap.operations.plans.install import FOLDER, builtins
from eap.operations.runs.start_run import start_run
from ledger.actor import Actor
from ledger.models import Entry
from notifications.models import Delivery, Page
from people.actors import actor_for
from people.models import Person
from statuspage.models import StatusUpdate
from tests.builders import CAST, NOW, make_person
from tests.eap.builtin.at_work import walk

SITE: Final = {"site": "example.org", "root": "/var/www/example.org", "archives": "/backup/web01", "database": "shop"}
GIVEN: Final[Mapping[str, Mapping[str, Any]]] = {
    "mass-credential-reset": {"cutoff": "2026-11-21T22:00:00+00:00"},
    "webserver-backup": SITE,
    "webserver-restore": SITE,
    "restore-test": SITE,
    "failed-update-rollback": {"package": "openssl", "good_version": "3.0.11-1"},
    "single-client-restore": {"account": "kunde42", "until": "2026-11-20T00:00:00+00:00"},
    "ddos-mitigation": {"target": "192.0.2.10"},
    "malware-outbreak": {"indicator": "shell-2026-11"},
    "breach-notification": {"aware_since": "2026-11-22T01:00:00+00:00"},
}
CHOICES: Final[Mapping[str, tuple[Mapping[str, str], ...]]] = {
    "failed-update-rollback": ({"boots": "all_boot"}, {"boots": "some_need_console"}),
    "ddos-mitigation": ({"kind": "volumetric", "holds": "blackhole"}, {"kind": "application", "holds": "enough"}),
    "malware-outbreak": ({"how": "clean"}, {"how": "restore"}),
    "dns-certificates": ({"key_lost": "mistake"}, {"key_lost": "compromised"}),
    "datacentre-power": ({"how_long": "shut_down"}, {"how_long": "hold"}),
    "mail-abuse": ({"listed": "listed"}, {"listed": "clean"}),
    "breach-notification": ({"notify": "notify"}, {"notify": "record_only"}),
}
WALKS: Final = [
    pytest.param(path.stem, choices, id=f"{path.stem}-{'-'.join(choices.values()) or 'straight'}")
    for path in sorted(FOLDER.glob("*.yaml"))
    for choices in CHOICES.get(path.stem, ({},))
]


def test_there_are_twelve_for_emergencies_and_two_for_every_night() -> None:
    assert len(builtins()) == 12 + 2


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_is_sound_and_without_a_warning(path: Path) -> None:
    reading = read(path.read_text(encoding="utf-8"))
    assert reading.document is not None
    assert [str(problem) for problem in reading.problems] == []
    assert [problem.sentence for problem in lint(reading.document, today=date(2026, 11, 22))] == []
    assert reading.document.key == path.stem


@pytest.fixture
def company(db: None) -> dict[str, Person]:
    people = {name: make_person(name) for name in CAST if name != "Sam"}
    organise(people, now=NOW)
    with transaction.atomic():
        prepare_plans(by=Actor.system(), now=NOW)
    return people


@pytest.mark.parametrize(("key", "choices"), WALKS)
def test_each_is_walked_as_a_drill_to_its_end(company: dict[str, Person], key: str, choices: Mapping[str, str]) -> None:
    plan = Plan.objects.get(key=key)
    assert plan.published is not None
    with transaction.atomic():
        run = start_run(
            version=plan.published,
            inputs=GIVEN.get(key, {}),
            drill=True,
            by=actor_for(company["Alma"], via="web"),
            now=NOW,
        )
    ended = walk(run, choices=choices, now=NOW)
    run.refresh_from_db()
    assert (run.state, run.trouble) == ("done", "")
    steps = {step.key: step for step in RunStep.objects.filter(run=run)}
    assert {step.state for step in steps.values()} <= {"done", "skipped", "cancelled"}
    assert all(step.bypassed for step in steps.values() if step.state == "skipped")
    _nothing_was_done_in_earnest(run)
    _everything_is_on_record(run, steps, ended)


def _nothing_was_done_in_earnest(run: Run) -> None:
    purposes = set(StepTarget.objects.filter(run=run).values_list("purpose", flat=True))
    assert purposes <= {"rehearse", "preview"}, "no machine is marked for drills"
    assert not StatusUpdate.objects.exists(), "customers read nothing of a drill"
    titles = list(Page.objects.filter(subject=run.subject).values_list("title", flat=True))
    # The two for every night ask nobody anything.
    assert bool(titles) == (run.plan.key not in ("webserver-backup", "restore-test"))
    assert all(title.startswith("EXERCISE: ") for title in titles)
    assert Delivery.objects.filter(page__subject=run.subject).exists() == bool(titles)


def _everything_is_on_record(run: Run, steps: Mapping[str, RunStep], ended: datetime) -> None:
    entries = Entry.objects.filter(subject=run.subject)
    verbs = set(entries.values_list("verb", flat=True))
    assert {"run.started", "run.step_done"} <= verbs
    done = {step.key for step in steps.values() if step.state == "done"}
    told = {entry.payload.get("step") for entry in entries if isinstance(entry.payload, dict)}
    assert done <= told
    plan = Plan.objects.get(pk=run.plan_id)
    assert plan.last_exercised_at is not None
    assert plan.last_exercised_at <= ended
