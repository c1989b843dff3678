"""The built-in plan as an exercise: everything is really done, to the accounts that are there for it and no others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import Settings

from demonstration.emergency_plans import prepare_plans
from demonstration.organisation import organise
from eap.models import Plan, RunStep, StepTarget
from eap.operations.runs.start_run import start_run
from engine import clock
from ledger.actor import Actor
from people.actors import actor_for
from resets.models import CompletionReport, Reset
from statuspage.models import StatusUpdate
from tests.builders import CAST, make_person
from tests.eap.builtin.at_work import walk
from tests.resets.actions.playing import make_accounts, make_system, rows
from tests.resets.notices import telling
from tests.statuspage.subscribers.mail_server import Mailbox, mail_server
from tests.stories.stolen_passwords import Hands, worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


def test_the_plan_is_exercised_to_its_end(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, mailbox: Mailbox
) -> None:
    settings.RESET_FILES_DIR = tmp_path
    real, play = (make_accounts(tmp_path, 24, name=f"{key}.sqlite") for key in ("ftp", "play"))
    make_system()
    make_system("play", drill=True, name="play.sqlite")
    before = rows(real)
    people = {name: make_person(name) for name in CAST if name != "Sam"}
    hands = Hands()
    monkeypatch.setattr(clock, "now", hands.now)
    organise(people, now=clock.now())
    with transaction.atomic():
        prepare_plans(by=Actor.system(), now=clock.now())
    plan = Plan.objects.get(key="mass-credential-reset")
    assert plan.published is not None
    with transaction.atomic():
        run = start_run(
            version=plan.published,
            inputs={"cutoff": (clock.now() - timedelta(hours=1)).isoformat()},
            drill=True,
            by=actor_for(people["Alma"], via="web"),
            now=clock.now(),
        )

    def meanwhile(now: datetime) -> None:
        hands.set(now)
        for second in range(0, 10, 2):
            telling.move(now + timedelta(seconds=second))

    def approve(_now: datetime) -> None:
        telling.approve(Reset.objects.get().notices.latest("round"), person=people["Vera"])

    with worker():
        walk(
            run,
            choices={},
            now=clock.now(),
            first={"approve_notice": approve, "approve_reminder": approve},
            meanwhile=meanwhile,
        )
    run.refresh_from_db()
    assert (run.state, run.trouble) == ("done", "")
    assert rows(real) == before, "customers noticed nothing"
    assert all(flag == 1 and hashed.startswith("!") for hashed, flag in rows(play).values())
    reset = Reset.objects.get()
    assert reset.drill
    letters = mailbox.mails()
    assert letters
    assert all("EXERCISE" in str(mail["Subject"]) for mail in letters)
    assert CompletionReport.objects.get().facts["drill"]
    assert not StatusUpdate.objects.exists()
    assert not StepTarget.objects.filter(run=run, purpose="rehearse").exists()
    assert RunStep.objects.get(run=run, key="seal").state == "skipped"
