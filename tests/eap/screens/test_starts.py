"""What starts a plan without anybody, from the plan's page: schedules, addresses, incidents."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from eap.models import AutomaticStart, Plan, Run, RunHook, RunSchedule
from eap.operations.starts.by_schedule import save_schedule
from engine import clock
from incidents.models import Incident
from ledger.models import Entry
from people.models import Role
from tests.builders import NOW, by, make_person
from tests.eap.runs.builders import do, make_incident, make_version, step

pytestmark = pytest.mark.django_db

INPUTS = {
    "host": {"type": "text", "title": "Host"},
    "hosts_left": {"type": "number", "title": "Hosts left", "required": False},
}


@pytest.fixture
def plan() -> Plan:
    return make_version([step("look")], inputs=INPUTS).plan


def browser(role: Role = Role.ADMINISTRATOR, name: str = "Ada") -> Client:
    client = Client()
    client.force_login(make_person(name, role=role))
    return client


def shown(client: Client, plan: Plan) -> str:
    return client.get(reverse("plan", args=[plan.key])).content.decode()


def schedule_of(client: Client, plan: Plan, **given: Any) -> Any:
    typed = {"every": "week", "weekday": "4", "day": "", "at": "09:30", "time_zone": "Europe/Stockholm", "drill": "on"}
    address = reverse("plan_schedule_add", args=[plan.key])
    return client.post(address, {**typed, "input_host": "web1", **given}, follow=True)


def test_a_kept_time_comes_back_to_its_form_as_it_was_picked() -> None:
    plan = make_version([step("look")], inputs={"cutoff": {"type": "datetime", "title": "Cutoff"}}).plan
    client = browser(Role.RESPONDER)
    schedule_of(client, plan, input_cutoff="2026-11-22T03:00")
    schedule = RunSchedule.objects.get()
    assert schedule.inputs == {"cutoff": "2026-11-22T03:00:00+00:00"}
    form = client.get(reverse("plan_schedule_edit", args=[plan.key, schedule.pk])).content.decode()
    assert 'value="2026-11-22T03:00"' in form


def test_a_schedule_is_made_changed_switched_off_and_removed(plan: Plan) -> None:
    client = browser(Role.RESPONDER)
    assert "Nothing does. People start it." in shown(client, plan)
    said = schedule_of(client, plan).content.decode()
    assert "Every week on Friday at 09:30, Europe/Stockholm" in said
    schedule = RunSchedule.objects.get()
    assert (schedule.weekday, schedule.day, schedule.at) == (4, None, time(9, 30))
    assert (schedule.drill, schedule.inputs) == (True, {"host": "web1"})
    assert schedule.next_at is not None
    assert schedule.next_at > clock.now()
    address = reverse("plan_schedule_edit", args=[plan.key, schedule.pk])
    form = client.get(address).content.decode()
    assert 'value="web1"' in form
    assert 'value="09:30"' in form
    typed = {"every": "month", "weekday": "4", "day": "31", "at": "23:00", "time_zone": "UTC", "input_host": "web2"}
    assert "Every month on day 31 at 23:00, UTC" in client.post(address, typed, follow=True).content.decode()
    schedule.refresh_from_db()
    assert (schedule.weekday, schedule.drill, schedule.inputs) == (None, False, {"host": "web2"})
    off = reverse("plan_schedule_off", args=[plan.key, schedule.pk])
    assert "It is off." in client.post(off, follow=True).content.decode()
    assert RunSchedule.objects.get().next_at is None
    client.post(address, typed)
    assert RunSchedule.objects.get().next_at is not None
    client.post(reverse("plan_schedule_remove", args=[plan.key, schedule.pk]))
    assert not RunSchedule.objects.exists()
    verbs = Entry.objects.filter(subject=plan.subject).order_by("seq").values_list("verb", flat=True)
    assert list(verbs)[-2:] == ["plan.schedule_saved", "plan.schedule_removed"]


def test_what_makes_no_sense_stands_beside_its_field_and_nothing_typed_is_lost(plan: Plan) -> None:
    client = browser()
    for given, sentence in (
        ({"every": "week", "weekday": ""}, "A weekly run has a weekday"),
        ({"every": "month", "day": ""}, "A monthly run has a day"),
        ({"input_host": ""}, "Host is needed."),
        ({"input_hosts_left": "many"}, "Hosts left:"),
        ({"at": "25:00"}, "Enter a valid time"),
    ):
        answer = schedule_of(client, plan, **given)
        assert answer.status_code == 422, given
        assert sentence in answer.content.decode()
    assert not RunSchedule.objects.exists()


def test_trouble_of_the_last_time_is_shown(plan: Plan) -> None:
    schedule = do(
        save_schedule, plan=plan, every="day", at=time(9), inputs={"host": "a"}, by=by(make_person("Otto")), now=NOW
    )
    RunSchedule.objects.filter(pk=schedule.pk).update(trouble="The plan has no published version.")
    assert "The plan has no published version." in shown(browser(), plan)


def test_an_address_is_shown_once_starts_the_plan_and_is_revoked(plan: Plan) -> None:
    client = browser()
    answer = client.post(reverse("plan_hook_add", args=[plan.key]), {"name": "Deploys", "input_host": "web1"})
    assert answer.status_code == 201
    found = re.search(r'id="address">[^<]*(/integrations/plans/[\w-]+)<', answer.content.decode())
    assert found
    page = shown(client, plan)
    assert "Address for Deploys" in page
    assert found[1] not in page
    started = Client().post(found[1], "{}", content_type="application/json")
    assert started.status_code == 201
    assert Run.objects.get().inputs["host"] == "web1"
    hook = RunHook.objects.get()
    client.post(reverse("plan_hook_revoke", args=[plan.key, hook.pk]))
    assert Client().post(found[1], "{}", content_type="application/json").status_code == 404
    assert Run.objects.count() == 1


def test_an_address_without_a_name_is_not_made(plan: Plan) -> None:
    answer = browser().post(reverse("plan_hook_add", args=[plan.key]), {"name": " "})
    assert answer.status_code == 422
    assert not RunHook.objects.exists()


def test_what_belongs_to_another_plan_is_not_reached_through_this_one(plan: Plan) -> None:
    client = browser()
    schedule_of(client, plan)
    client.post(reverse("plan_hook_add", args=[plan.key]), {"name": "Deploys"})
    other = make_version([step("look")]).plan
    schedule, hook = RunSchedule.objects.get(), RunHook.objects.get()
    assert client.post(reverse("plan_schedule_remove", args=[other.key, schedule.pk])).status_code == 404
    assert client.post(reverse("plan_hook_revoke", args=[other.key, hook.pk])).status_code == 404
    assert RunSchedule.objects.exists()
    assert RunHook.objects.get().revoked_at is None


def test_which_incidents_start_it_and_the_last_that_could_not(plan: Plan) -> None:
    starting = make_version(
        [step("look")],
        started_for={"types": ["intrusion"], "severities": [1, 2]},
        suggested_for={"severities": [3]},
    ).plan
    incident = make_incident(type="intrusion", severity=1)
    trouble = "The run was not started. Host is needed."
    AutomaticStart.objects.create(
        plan=starting, incident=incident, trouble=trouble, at=datetime(2026, 11, 22, tzinfo=UTC)
    )
    client = browser(Role.OBSERVER)
    page = shown(client, starting)
    assert "Incidents start it: Intrusion, when SEV1 or SEV2" in page
    assert "Incidents suggest it: SEV3" in page
    assert trouble in page
    Incident.objects.filter(pk=incident.pk).update(private=True)
    assert trouble not in shown(client, starting), "nobody learns of a private incident here"
    assert reverse("plan_schedule_add", args=[starting.key]) not in page, "an observer starts nothing"


def test_a_plan_without_a_version_in_use_can_not_be_scheduled(plan: Plan) -> None:
    plan.archived_at = NOW
    plan.save(update_fields=["archived_at"])
    client = browser()
    answer = schedule_of(client, plan)
    assert not RunSchedule.objects.exists()
    assert "no published version in use" in answer.content.decode()
