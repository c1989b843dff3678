"""Hosts that no inventory has: found when a plan is written and when a run starts, not in the middle of the work."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from eap.models import Inventory, Run
from eap.operations.runs.change_inputs import change_inputs
from eap.operations.starts.by_schedule import save_schedule
from eap.plan_queries import likely_to_hurt, read_among_plans
from ledger.actor import Actor
from tests.builders import NOW
from tests.eap.format.texts import plan_text
from tests.eap.runs.builders import automation, begin, do, fresh, make_hosts, make_version, step
from web.errors import BadInput

pytestmark = pytest.mark.django_db

HOSTS = {"machines": {"type": "hosts", "title": "Machines"}}
STEPS = """
- id: restart
  kind: automation
  title: Restart
  role: ops
  call: {action: http, with: {url: "https://x.example/"}}
  targets: {hosts: wbe}
- id: look
  kind: verify
  title: Look
  role: ops
  needs: [restart]
  call: {action: check, with: {host: "{target.address}", port: 443}}
  targets: {hosts: web}
"""


def test_a_run_with_a_host_that_nobody_knows_is_refused_by_the_inputs_name() -> None:
    make_hosts("web1", "web2")
    version = make_version([step("look")], inputs=HOSTS)
    with pytest.raises(BadInput) as caught:
        begin(version, inputs={"machines": "web1, wbe2"})
    assert caught.value.errors == {
        "inputs.machines": "Machines: no inventory has a host or a group called wbe2. "
        "Look at the spelling, or add it to an inventory."
    }
    assert not Run.objects.exists()
    for known in ("web1", "web", "harbor", "harbor:web", "all"):
        run = begin(version, inputs={"machines": known})
    with pytest.raises(BadInput, match="inputs stay as they are"):
        do(change_inputs, run_id=run.pk, inputs={"machines": "harbor:db"}, by=Actor.system())
    with pytest.raises(BadInput, match="called web9"):
        do(save_schedule, plan=version.plan, every="day", at=NOW.time(), inputs={"machines": "web9"}, by=Actor.system())


@pytest.mark.parametrize(
    ("fetched", "trouble", "starts"),
    [
        (timedelta(minutes=59), "", False),
        (timedelta(hours=3), "", True),
        (timedelta(minutes=5), "It answered 500.", True),
    ],
)
def test_an_inventory_that_may_be_behind_is_given_the_benefit_of_the_doubt(
    fetched: timedelta, trouble: str, starts: bool
) -> None:
    make_hosts("web1")
    _by_http(refreshed_at=NOW - fetched, trouble=trouble)
    version = make_version([step("look")], inputs=HOSTS)
    if starts:
        assert begin(version, inputs={"machines": "web9"}).state == "running"
    else:
        with pytest.raises(BadInput, match="called web9"):
            begin(version, inputs={"machines": "web9"})


def test_without_any_inventory_plans_start_all_the_same() -> None:
    assert begin(make_version([step("look")], inputs=HOSTS), inputs={"machines": "web9"}).state == "running"


def test_a_plan_that_names_unknown_hosts_itself_starts_with_visible_trouble() -> None:
    make_hosts("web1")
    run = begin(make_version([step("look"), automation("do", needs=["look"], targets={"hosts": "wbe"})]))
    assert fresh(run).state == "running"
    assert fresh(run).trouble == "No inventory has a host or a group called wbe; steps that run there will fail."


def test_who_writes_or_reviews_a_plan_reads_which_hosts_nobody_knows() -> None:
    make_hosts("web1")
    reading = read_among_plans(plan_text(STEPS))
    found = [each for each in likely_to_hurt(reading, now=NOW) if "No inventory" in each.sentence]
    assert [(each.level, each.sentence) for each in found] == [
        ("warning", "No inventory has a host or a group called wbe.")
    ]
    assert plan_text(STEPS).splitlines()[found[0].line - 1].strip() == "targets: {hosts: wbe}"


def _by_http(*, refreshed_at: datetime, **more: Any) -> None:
    url = "https://cmdb.harbor.example/hosts"
    Inventory.objects.create(name="cmdb", source="http", url=url, refreshed_at=refreshed_at, **more)
