"""Lists: parts by cursor that neither skip nor repeat, limits, and as many queries for many rows as for few."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from eap.models import Plan, PlanVersion
from engine import clock
from engine.duties import run_once
from intake.operations.quarantine import quarantine
from notifications.models import Attempt, Delivery
from resets.models import Chunk, Exceptional
from statuspage.models import Metric, UpdateTemplate
from tests.api.calling import Caller, calling_as
from tests.api.world import World, make_world, trigger
from tests.builders import make_page, make_person, make_schedule
from tests.eap.plans.builders import make_published
from tests.incidents.builders import make_incident, make_service
from tests.resets.engine.builders import make_reset, make_system
from tests.statuspage.builders import make_component, make_group, make_maintenance, make_public_incident
from tests.statuspage.builders import make_page as make_status_page

pytestmark = pytest.mark.django_db


def another_incident(world: World, number: int) -> None:
    incident = make_incident(f"Incident {number}", severity=3, service=world.service, now=clock.now())
    caller = calling_as(world.company.alma)
    caller.post(f"/incidents/{incident.pk}/roles", {"role": "commander", "person": world.company.max.email})
    run_once("pages", now=clock.now())


def another_page(_world: World, number: int) -> None:
    make_page(make_person(f"Called {number}"), now=clock.now())
    run_once("pages", now=clock.now())
    for delivery in Delivery.objects.filter(attempts=None):
        Attempt.objects.create(delivery=delivery, at=clock.now(), provider="twilio", result="accepted")


def another_alert(world: World, number: int) -> None:
    integration = world.alert.integration
    trigger(integration, f"alert-{number}", now=clock.now())
    quarantine(path="v2/enqueue", body=b"{", reason="No", integration_id=integration.pk, now=clock.now())


def another_person(_world: World, number: int) -> None:
    make_person(f"Person {number}")


def another_schedule(_world: World, number: int) -> None:
    make_schedule(f"Schedule {number}", make_person(f"One {number}"), make_person(f"Two {number}"))


def another_service(_world: World, number: int) -> None:
    make_service(f"service-{number}", make_person(f"Owner {number}"))


def another_note(world: World, number: int) -> None:
    calling_as(world.company.alma).post(f"/incidents/{world.incident.pk}/notes", {"text": f"Note {number}"})


def another_public_incident(world: World, number: int) -> None:
    make_public_incident(
        world.component.page,
        name=f"Public {number}",
        components={world.component: "partial_outage"},
        incident=world.incident,
        now=clock.now(),
    )


def another_maintenance(world: World, number: int) -> None:
    components = {world.component: "under_maintenance"}
    make_maintenance(world.component.page, name=f"Maintenance {number}", components=components, now=clock.now())


def another_component(world: World, number: int) -> None:
    make_component(world.component.page, f"Component {number}", services=[world.service], now=clock.now())


def another_status_page(_world: World, number: int) -> None:
    make_group(make_status_page(f"Page {number}", slug=f"page-{number}", now=clock.now()), now=clock.now())


def another_metric(world: World, number: int) -> None:
    Metric.objects.create(page=world.component.page, name=f"Figure {number}", position=number, created_at=clock.now())


def another_template(_world: World, number: int) -> None:
    UpdateTemplate.objects.create(label=f"Template {number}", stage="identified", texts={"en": "We found it."})


def another_plan(_world: World, _number: int) -> None:
    make_published(key=f"listed-{Plan.objects.count()}")


def another_version(world: World, number: int) -> None:
    draft = world.plan_version
    for verb, given in (("submit", {}), ("reject", {"reason": f"Reason {number}"})):
        newest = PlanVersion.objects.filter(plan=draft.plan).order_by("-number")[0]
        who = calling_as(world.company.otto if verb == "submit" else world.company.vera)
        who.post(f"/plans/{draft.plan.key}/versions/{newest.number}/{verb}", given)
    calling_as(world.company.otto).post("/plans", {"text": draft.text}, status=201)


def another_reset(_world: World, _number: int) -> None:
    make_reset(sizes=(1,), systems=[make_system(kind="http"), make_system(kind="http")])


def another_exception(world: World, number: int) -> None:
    phase = world.reset.phases.get()
    account = world.reset.accounts.order_by("position")[Exceptional.objects.count()]
    chunk = Chunk.objects.create(
        phase=phase, system_id=account.system_id, wave=0, first=account.position, last=account.position, state="done"
    )
    Exceptional.objects.create(
        phase=phase, chunk=chunk, account=account, state="failed", code=f"cause-{number}", at=clock.now()
    )


More = Callable[[World, int], None]
LISTS: Final[dict[str, More]] = {
    "/plans": another_plan,
    "/plans/restore-web/versions": another_version,
    "/incidents": another_incident,
    "/pages": another_page,
    "/deliveries": another_page,
    "/alerts": another_alert,
    "/events": another_alert,
    "/quarantine": another_alert,
    "/people": another_person,
    "/schedules": another_schedule,
    "/services": another_service,
    "/status/pages": another_status_page,
    "/status/components": another_component,
    "/status/incidents": another_public_incident,
    "/status/maintenances": another_maintenance,
    "/status/metrics": another_metric,
    "/status/templates": another_template,
    "/resets": another_reset,
    "/resets/{reset}/exceptions": another_exception,
    "/account-systems": another_reset,
    "/incidents/{incident}/timeline": another_note,
    "/ledger?subject=incident:{incident}": another_note,
}


def address(path: str, world: World, *, limit: int = 50, cursor: str = "") -> str:
    path = path.replace("{incident}", str(world.incident.pk)).replace("{reset}", str(world.reset.pk))
    return f"{path}{'&' if '?' in path else '?'}limit={limit}&cursor={cursor}"


def keys(items: list[dict[str, Any]]) -> list[Any]:
    return [item["seq"] if "seq" in item else item["id"] for item in items]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("name", ["Alma", "Otto"])
def test_many_rows_take_no_more_queries_than_few(path: str, name: str) -> None:
    world = make_world()
    caller = calling_as(world.company.people[name])
    if name == "Otto" and path.startswith(("/quarantine", "/ledger")):
        caller.get(address(path, world), status=403)
        return
    for number in range(2):
        LISTS[path](world, number)
    caller.get("/people/me")  # notes the day of the token's first use
    few = caller.queries(address(path, world))
    for number in range(2, 7):
        LISTS[path](world, number)
    assert caller.queries(address(path, world)) == few
    assert few <= 9


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_read_whole_while_rows_come(path: str) -> None:
    world = make_world()
    caller = calling_as(world.company.alma)
    for number in range(4):
        LISTS[path](world, number)
    there = keys(caller.get(address(path, world, limit=200))["items"])
    read: list[Any] = []
    cursor, number = "", 10
    while True:
        part = caller.get(address(path, world, limit=2, cursor=cursor))
        read += keys(part["items"])
        if part["next"] is None:
            break
        assert len(part["items"]) == 2
        cursor = part["next"]
        if number < 13:
            LISTS[path](world, number)
            number += 1
    assert len(read) == len(set(read))
    assert [key for key in read if key in there] == there


@pytest.mark.parametrize("path", LISTS)
def test_limits_and_cursors_are_checked(path: str) -> None:
    world = make_world()
    caller = calling_as(world.company.alma)
    for limit in (0, -1, 201, 10**30):
        assert list(caller.get(address(path, world, limit=limit), status=422)["errors"]) == ["limit"]
    for cursor in ("nonsense", "-1", "%00", "9" * 400, "eyJvIjpbXX0:x"):
        assert list(caller.get(address(path, world, cursor=cursor), status=422)["errors"]) == ["cursor"]
    assert caller.get(address(path, world, limit=200)).keys() == {"items", "next"}


def test_a_cursor_of_another_list_is_refused() -> None:
    world = make_world()
    caller = calling_as(world.company.alma)
    cursor = caller.get("/incidents?limit=1")["next"]
    assert cursor
    caller.get(f"/people?cursor={cursor}", status=422)


def test_who_follows_a_timeline_asks_with_the_last_line_they_have() -> None:
    world = make_world()
    caller = calling_as(world.company.alma)
    path = f"/incidents/{world.incident.pk}/timeline"
    last = caller.items(path)[-1]["seq"]
    assert caller.items(f"{path}?cursor={last}") == []
    another_note(world, 1)
    (line,) = caller.items(f"{path}?cursor={last}")
    assert (line["seq"], line["text"]) == (last + 1, "Note 1")


def test_on_call_takes_as_many_queries_for_many_schedules_as_for_one() -> None:
    world = make_world()
    caller: Caller = calling_as(world.company.alma)
    at = "/on-call?at=2026-11-22T03:00:00Z"
    caller.get(at)
    few = caller.queries(at)
    for number in range(4):
        another_schedule(world, number)
    assert caller.queries(at) == few
