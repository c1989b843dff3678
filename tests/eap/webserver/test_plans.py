"""The plans that come with Muster, run in earnest by the engine against the real servers."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction

from demonstration.organisation import organise
from eap.format.read import read
from eap.models import LogLine, Plan, Run, RunStep, StepTarget
from eap.operations.automation.save_secret import save_secret
from eap.operations.plans.install import FOLDER
from eap.operations.runs.start_run import start_run
from eap.operations.starts.by_schedule import save_schedule
from engine.duties import run_once
from incidents.models import Incident
from ledger.actor import Actor
from ledger.models import Entry
from people.models import Person
from statuspage.models import StatusUpdate
from tests.builders import CAST, NOW, by, make_person
from tests.eap.builtin.at_work import walk
from tests.eap.runs.builders import fresh, go, make_hosts, make_version
from tests.eap.webserver.forging import describe
from tests.eap.webserver.world import PASSPHRASE, World
from tests.statuspage.builders import make_page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company(world: World) -> dict[str, Person]:
    people = {name: make_person(name) for name in CAST if name != "Sam"}
    organise(people, now=NOW)
    make_page()
    make_hosts("web01", group="web")
    held = {"backup_passphrase": PASSPHRASE, "database_password": str(world.database["password"]) or "none-needed"}
    held |= {"backup_heartbeat": f"http://127.0.0.1:{world.web_port}/ping"}
    with transaction.atomic():
        for name, value in held.items():
            save_secret(name=name, kind="stored", value=value, by=Actor.system(), now=NOW)
    return people


def plan_of(world: World, key: str) -> Plan:
    """Publish a plan that comes with Muster, with the places of this test's servers instead of Debian's."""
    text = (FOLDER / f"{key}.yaml").read_text(encoding="utf-8")
    kept = world.site().database
    database = (
        f'{{name: "{{inputs.database}}", host: "{kept.host}", port: {kept.port}, user: "{kept.user}",'
        f' password: "{{secrets.database_password}}", programs: "{kept.programs}"}}'
    )
    text = text.replace('{name: "{inputs.database}", os_user: postgres}', database)
    web = world.web()
    text = text.replace(
        "{program: nginx, conf: /etc/nginx/nginx.conf, pid_file: /run/nginx.pid, port: 80, unit: nginx}",
        f'{{conf: "{web.conf}", pid_file: "{web.pid_file}", port: {web.port}, unit: ""}}',
    )
    reading = read(text)
    assert reading.document is not None, reading.problems
    return make_version(document=reading.document).plan


def given(world: World, **more: Any) -> dict[str, Any]:
    return {
        "server": ["web01"],
        "where": "local",
        "site": "example.org",
        "root": str(world.root),
        "archives": str(world.archives),
        "database": str(world.database["name"]),
        **more,
    }


def start(plan: Plan, inputs: Mapping[str, Any], who: Person) -> Run:
    assert plan.published is not None
    with transaction.atomic():
        return start_run(version=plan.published, inputs=inputs, by=by(who), now=NOW)


def test_the_restore_plan_from_its_start_to_its_end(world: World, company: dict[str, Person]) -> None:
    world.answers("backup")
    world.damage()
    inputs = given(world, address=world.address, page="index.html")
    run = start(plan_of(world, "webserver-restore"), inputs, company["Alma"])
    walk(run, choices={}, now=NOW)
    run = fresh(run)
    assert (run.state, run.trouble) == ("done", "")
    world.run = str(run.pk)
    assert world.is_restored()
    steps = {step.key: step for step in RunStep.objects.filter(run=run)}
    (mark,) = Entry.objects.filter(subject=run.subject, verb="run.step_done", payload__step="s06_mark")
    (restored_at,) = world.query(
        "SELECT to_char(restored_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM muster_restores"
    )[0]
    assert mark.payload["facts"]["restored_at"] == restored_at, "the ledger and the database say the same"
    (checked,) = Entry.objects.filter(subject=run.subject, verb="run.step_done", payload__step="answers")
    assert checked.payload["facts"]["http_status"] == 200
    assert steps["go"].votes.filter(voided_at=None, answer="approve").count() == 2
    assert steps["last_look"].votes.filter(voided_at=None, answer="approve").count() == 2
    assert StatusUpdate.objects.count() == 2, "customers are told before and after"
    _nothing_kept_has_the_passphrase(world, run)


def _nothing_kept_has_the_passphrase(world: World, run: Run) -> None:
    assert LogLine.objects.filter(run=run).exists()
    kept = django_settings.DATABASES["default"]
    dump = subprocess.run(
        [f"{world.database['programs']}/pg_dump", "-h", str(kept["HOST"]), "-U", str(kept["USER"]), str(kept["NAME"])],
        env={"PGPASSWORD": str(kept["PASSWORD"]), "PGPORT": str(kept["PORT"] or 5432)},
        capture_output=True,
        check=True,
    ).stdout
    assert str(run.pk).encode() in dump
    assert PASSPHRASE.encode() not in dump
    var = Path(django_settings.VAR_DIR)
    assert not [path for path in var.rglob("*") if path.is_file() and PASSPHRASE.encode() in path.read_bytes()]


def test_a_refused_archive_ends_in_the_site_as_it_was(world: World, company: dict[str, Person]) -> None:
    """The archive was cut and its checksum changed with it: step 2 refuses, a person stops and takes back."""
    world.answers("backup")
    world.damage()
    world.newest.write_bytes(world.newest.read_bytes()[:-500])
    describe(world.newest)
    run = start(plan_of(world, "webserver-restore"), given(world, address=world.address), company["Alma"])
    with pytest.raises(AssertionError, match="s02_extract"):
        walk(run, choices={}, now=NOW)
    refused = RunStep.objects.get(run=run, key="s02_extract")
    assert refused.state == "failed"
    assert "The archive was changed or cut off after it was encrypted." in refused.sentence
    assert RunStep.objects.get(run=run, key="s04_stop").state == "waiting"
    assert world.is_damaged()


def test_the_nightly_backup_by_its_schedule(world: World, company: dict[str, Person]) -> None:
    plan = plan_of(world, "webserver-backup")
    with transaction.atomic():
        save_schedule(plan=plan, every="day", at=time(4), drill=False, inputs=given(world), by=Actor.system(), now=NOW)
    run_once("plan_starts", now=NOW + timedelta(hours=2))
    go(NOW + timedelta(hours=2))
    run = Run.objects.get()
    assert (run.state, run.started_via) == ("done", "schedule")
    assert RunStep.objects.get(run=run).facts["archive"] == world.newest.name
    # The address that stands for the heartbeat here knows nothing of it; a backup is one all the same.
    assert LogLine.objects.filter(run=run, text="The heartbeat could not be told (HTTPError).").exists()


def test_a_failed_restore_test_opens_an_incident_and_a_good_one_does_not(
    world: World, company: dict[str, Person]
) -> None:
    world.answers("backup")
    plan = plan_of(world, "restore-test")
    inputs = given(world, scratch=str(world.folder / "scratch"), oldest=9000)
    with transaction.atomic():
        save_schedule(plan=plan, every="day", at=time(4), drill=False, inputs=inputs, by=Actor.system(), now=NOW)
    night = NOW + timedelta(hours=2)
    run_once("plan_starts", now=night)
    go(night)
    good = Run.objects.get()
    assert good.state == "done"
    assert not Incident.objects.exists()
    world.newest.write_bytes(world.newest.read_bytes()[:-500])
    night += timedelta(days=1)
    run_once("plan_starts", now=night)
    go(night)
    bad = Run.objects.exclude(pk=good.pk).get()
    assert bad.state == "failed"
    assert bad.incident is not None
    assert "its checksum differs" in bad.incident.summary
    assert bad.incident.title == "The backup of example.org could not be restored in the test"
    assert "its checksum differs" in StepTarget.objects.get(run=bad).sentence
    assert not (world.folder / "scratch" / "muster-example.org" / "work").exists()
