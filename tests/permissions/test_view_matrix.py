"""Every address of the site, tried with every role and with nobody. The API has a matrix of its own (`tests/api`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from eap.models import Evidence, Inventory, RunHook, RunSchedule, Secret
from engine import clock
from intake.models import IntegrationKey, RoutingRule
from ledger.actor import Actor
from notifications.models import Delivery
from people.models import Override, Role, Rotation, Schedule
from people.operations.issue_token import issue_token
from people.permissions import BY_ROLE
from resets.models import Phase, Wave
from rooms.models import CallLine, LiveCall, SlackOutgoing, SlackUser, SlackWorkspace
from statuspage.models import ComponentGroup, ImpactChange, Target, UpdateTemplate
from tests.api.world import World, make_world
from tests.builders import make_person, make_team
from tests.permissions.expectations import (
    EXPECTED,
    GATE,
    OPEN,
    OWNER,
    OWNER_OR_ADMINISTRATOR,
    SECOND_STEP,
    SIGNED_IN,
)
from tests.resets.engine.builders import make_reset, make_system
from tests.resets.screens.night import draft, spare
from tests.statuspage.customers.building import parts_of_addresses

SIGN_IN: Final = "/accounts/login/"
OWNED: Final = (OWNER, OWNER_OR_ADMINISTRATOR)
PERSONAL: Final = (SIGNED_IN, SECOND_STEP, *OWNED)


def named_addresses(
    resolver: URLResolver | None = None, around: frozenset[str] = frozenset()
) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the name of every address of the site but the API's, with the names of its parts."""
    for each in (resolver or get_resolver()).url_patterns:
        parts = around | set(each.pattern.regex.groupindex)
        if isinstance(each, URLPattern):
            yield each.name or str(each.pattern), parts
        elif not (each.namespace or "").startswith("api"):
            yield from named_addresses(each, parts)


PARTS: Final = dict(named_addresses())


def expected(*kinds: str) -> list[str]:
    """Return the names of addresses of these kinds."""
    return sorted(name for name in PARTS if EXPECTED.get(name) in kinds)


def test_every_address_has_an_expectation_and_no_expectation_is_left_over() -> None:
    assert set(PARTS) == set(EXPECTED)


@dataclass(frozen=True, kw_only=True)
class Night:
    """A browser for each role, and something that exists for every part of an address; none of it belongs to them."""

    browsers: dict[Role, Client]
    parts: dict[str, Any]

    def address(self, name: str) -> str:
        """Return an address of this name with its parts filled in."""
        wanted = PARTS[name]
        return reverse(name, kwargs={part: self.parts.get(f"{name}.{part}", self.parts[part]) for part in wanted})

    def ask(self, name: str, role: Role | None) -> HttpResponseBase:
        """Ask as a browser does, by GET and where that is not offered by POST; nothing that happens stays."""
        browser = self.browsers[role] if role is not None else Client()
        url = self.address(name)
        with transaction.atomic():
            response = browser.get(url)
            if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
                response = browser.post(url)
            transaction.set_rollback(True)
        assert response.status_code < 500, f"{name} breaks for {role or 'nobody'}"
        return response


@pytest.fixture
def night(db: None) -> Night:
    """Make the world, with a browser of each role. One test asks about many addresses, because this takes a second."""
    return Night(browsers={role: _browser(role) for role in Role}, parts=_parts(make_world()))


def _browser(role: Role) -> Client:
    browser = Client()
    browser.force_login(make_person(f"A {role.value}", role=role))
    return browser


def _parts(world: World) -> dict[str, Any]:
    olga, now = world.company.olga, clock.now()
    schedule, service, begins = Schedule.objects.get(), world.service, now + timedelta(days=1)
    token, _secret = issue_token(person=olga, name="Script", by=Actor.system(), now=now)
    method = olga.contact_methods.all()[0]
    override = Override.objects.create(
        schedule=schedule, person=olga, starts_at=begins, ends_at=begins + timedelta(hours=8)
    )
    return {
        "number": world.incident.number,
        "page_id": world.page.pk,
        "token": "made-up",
        "delivery_id": Delivery.objects.filter(page=world.page)[0].pk,
        "fence": 1,
        "key": "made-up",
        "uidb36": "1",
        "pk": 1,
        "person_id": olga.pk,
        "token_id": token.pk,
        "team_id": make_team().pk,
        "tier_id": world.company.ada.tiers.all()[0].pk,
        "schedule_id": schedule.pk,
        "rotation_id": Rotation.objects.get().pk,
        "override_id": override.pk,
        "method_id": method.pk,
        "rule_id": RoutingRule.objects.create(name="Everything", action="record", position=1).pk,
        "contact_rule_remove.rule_id": method.rules.all()[0].pk,
        "policy_id": service.policy.pk if service.policy else 0,
        "service_id": service.pk,
        "severity": 1,
        "alert_id": world.alert.pk,
        "quarantined_id": world.quarantined.pk,
        "key_id": world.alert.integration.pk,
        "key_mapping.key_id": IntegrationKey.objects.create(name="Any", kind="webhook", digest="0" * 64, key="0").pk,
        "heartbeat_id": world.heartbeat.pk,
        "signal": "start",
        **parts_of_addresses(),
        "status_page_id": world.component.page_id,
        "component_id": world.component.pk,
        "group_id": _group_of(world).pk,
        "change_id": ImpactChange.objects.create(
            component=world.component, status="operational", at=now, recorded_at=now
        ).pk,
        "public_id": world.maintenance.pk,
        "update_id": world.update.pk,
        "template_id": UpdateTemplate.objects.create(label="Any", stage="resolved", texts={"en": "It is over."}).pk,
        "metric_id": world.metric.pk,
        "subscriber_id": world.subscriber.pk,
        "kind": "sftp",
        "target_id": Target.objects.create(name="Share", kind="directory", settings={"folder": "/nowhere"}).pk,
        "plan_key": world.plan_version.plan.key,
        "version_number": world.plan_version.number,
        "run_schedule_id": RunSchedule.objects.create(plan=world.plan_version.plan, every="day", at="09:00").pk,
        "hook_id": RunHook.objects.create(
            plan=world.plan_version.plan, name="Deploys", digest="0" * 64, created_at=now
        ).pk,
        "folder": "",
        "run_id": world.run.pk,
        "step_key": "look",
        "evidence_id": _evidence_of(world).pk,
        "name": _kept_secret().name,
        "inventory_id": Inventory.objects.create(name="harbor").pk,
        **_reset_of(world),
        **_phones_of(world),
        **_slack_of(world),
    }


def _slack_of(world: World) -> dict[str, Any]:
    now = clock.now()
    SlackWorkspace.objects.create(team_id="T0HARBOR", name="Harbor", connected_at=now, checked_at=now)
    failed = SlackOutgoing.objects.create(
        method="chat.postMessage", state="failed", not_before=now, expires_at=now, created_at=now, ended_at=now
    )
    linked = SlackUser.objects.create(team_id="T0HARBOR", user_id="U0OLGA", person=world.company.olga, linked_at=now)
    return {"row_id": failed.pk, "user_id": linked.pk, "tries": "1.1"}


def _phones_of(world: World) -> dict[str, Any]:
    line = CallLine.objects.create(number="+12065550199", name="Harbor")
    call = LiveCall.objects.create(
        line=line, line_name=line.name, call="CA1", began_at=clock.now(), incident=world.incident, recording="gone"
    )
    return {"incident_id": world.incident.pk, "caller_id": 1, "line_id": line.pk, "level": 1, "call_id": call.pk}


def _reset_of(world: World) -> dict[str, Any]:
    reset = make_reset(systems=[make_system(kind="sql")])
    phase = Phase.objects.create(reset=reset, name="disable")
    wave = Wave.objects.create(phase=phase, number=1, accounts=10, wanted=True)
    return {
        "reset_id": reset.pk,
        "phase": phase.name,
        "wave_id": wave.pk,
        "exclusion_id": spare(reset).pk,
        "notice_id": draft(reset, by=world.company.olga).pk,
        "form": "csv",
        "account_id": reset.accounts.all()[0].pk,
        "system_id": reset.systems.all()[0].pk,
        "account_system_add.kind": "sql",
        "provider": "twilio",
    }


def _evidence_of(world: World) -> Evidence:
    step = world.run.steps.get(key="look")
    return Evidence.objects.create(step=step, kind="file", name="proof.txt", content=b"proof", at=clock.now())


def _kept_secret() -> Secret:
    return Secret.objects.create(name="deploy_key", value="kept-encrypted", changed_at=clock.now())


def _group_of(world: World) -> ComponentGroup:
    now = clock.now()
    return ComponentGroup.objects.create(page=world.component.page, name="Group", created_at=now, updated_at=now)


def leads_to_sign_in(response: HttpResponseBase) -> bool:
    """Tell whether an answer sends the reader to the sign-in page."""
    return response.status_code == HTTPStatus.FOUND and urlsplit(response["Location"]).path == SIGN_IN


ROLES: Final = (None, *Role)


def test_what_is_open_answers_anybody(night: Night) -> None:
    asked = {(name, role): night.ask(name, role) for name in expected(OPEN) for role in ROLES}
    assert [key for key, response in asked.items() if leads_to_sign_in(response)] == []


def test_the_gate_answers_anybody(night: Night) -> None:
    asked = {(name, role): night.ask(name, role).status_code for name in expected(GATE) for role in ROLES}
    assert [key for key, status in asked.items() if status == HTTPStatus.FORBIDDEN] == []


def test_nobody_is_led_to_the_sign_in(night: Night) -> None:
    names = [name for name in PARTS if EXPECTED.get(name) not in (OPEN, GATE, SECOND_STEP)]
    assert [name for name in names if not leads_to_sign_in(night.ask(name, None))] == []


def test_a_second_step_shows_nobody_more_than_a_refusal(night: Night) -> None:
    asked = {name: night.ask(name, None).status_code for name in expected(SECOND_STEP)}
    assert {name: status for name, status in asked.items() if status < HTTPStatus.MULTIPLE_CHOICES} == {}


def test_what_is_ones_own_opens_for_every_role(night: Night) -> None:
    asked = {(name, role): night.ask(name, role) for name in expected(SIGNED_IN) for role in Role}
    # Some of sign-in's own pages lead on to "is it you?" first; a form without anything typed is refused.
    fine = (HTTPStatus.OK, HTTPStatus.FOUND, HTTPStatus.CREATED, HTTPStatus.UNPROCESSABLE_ENTITY)
    assert {key: response.status_code for key, response in asked.items() if response.status_code not in fine} == {}
    assert [key for key, response in asked.items() if leads_to_sign_in(response)] == []


def test_what_belongs_to_somebody_else_does_not_exist(night: Night) -> None:
    for name in expected(OWNER, OWNER_OR_ADMINISTRATOR):
        for role in Role:
            opens = EXPECTED[name] == OWNER_OR_ADMINISTRATOR and role == Role.ADMINISTRATOR
            assert (night.ask(name, role).status_code != HTTPStatus.NOT_FOUND) == opens, (name, role)


def test_each_role_opens_what_its_capabilities_say(night: Night) -> None:
    capabilities = {name: EXPECTED[name] for name in PARTS if EXPECTED[name] not in (OPEN, GATE, *PERSONAL)}
    wrong = {}
    for name, capability in capabilities.items():
        for role in Role:
            status = night.ask(name, role).status_code
            opens = status not in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
            if opens != (capability in BY_ROLE[role]) or status == HTTPStatus.NOT_FOUND:
                wrong[name, role] = status
    assert wrong == {}


@pytest.mark.django_db
def test_people_who_left_are_nobody() -> None:
    gone = make_person("Gone", role=Role.ADMINISTRATOR)
    browser = Client()
    browser.force_login(gone)
    gone.is_active = False
    gone.save()
    assert browser.get(reverse("people"))["Location"].startswith(SIGN_IN)
