"""The plan that the fault tests run: one step of every kind, one after the other. Made inside the product."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any, Final

from django.db import transaction

from eap.format.canonical import digest, stored
from eap.format.document import Document
from eap.models import Plan, PlanVersion
from engine import clock

KEY: Final = "every-kind"
PART: Final = "a-part"
STUBBORN: Final = "stubborn"
LONG_S: Final = 4


def load(machine: str, first: str, second: str) -> None:
    """Publish the plans. `machine` is the address that automations call, the others are who approve (e-mail)."""
    with transaction.atomic():
        _publish(PART, "Part", [_step("inner", "automation", call=_call("GET", f"{machine}/inner"))])
        _publish(KEY, "Every kind", _every_kind(machine), roles=_roles(first, second))
        _publish(STUBBORN, "Stubborn", [_step("burn", "automation", call=_call("GET", f"{machine}/long"))])


def _roles(first: str, second: str) -> dict[str, Any]:
    return {"one": {"title": "One", "person": first}, "two": {"title": "Two", "person": second}}


def _every_kind(machine: str) -> list[dict[str, Any]]:
    options = [{"key": "on", "title": "Go on"}, {"key": "off", "title": "Leave it"}]
    update = {"name": "Hosting", "stage": "investigating", "texts": {"en": "We look into it."}}
    steps = [
        _step("do", "manual"),
        _step("pause", "pause_point", lines=[{"text": "Backup is there", "must": True}]),
        _step("agree", "approval", approval={"roles": ["one", "two"], "count": 2}),
        _step("call", "page", page={"role": "one", "title": "Join the bridge"}),
        _step("tell", "status_update", update=update),
        _step("rest", "wait", wait={"time": f"{LONG_S}s"}),
        _step("look", "automation", call=_call("GET", f"{machine}/pure")),
        _step("burn", "automation", call=_call("POST", f"{machine}/once")),
        _step("check", "verify", call=_call("GET", f"{machine}/verify"), expect="result.status == 200"),
        _step("which", "decision", decision={"question": "On?", "options": options}),
        _step("part", "sub_plan", sub_plan={"plan": PART}),
        _step("end", "end", end={"outcome": "done"}),
    ]
    for before, after in itertools.pairwise(steps):
        after["needs"] = [before["id"]]
    return steps


def _step(id_: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"id": id_, "kind": kind, "title": id_.capitalize(), **more}


def _call(method: str, url: str) -> dict[str, Any]:
    return {"action": "http", "with": {"method": method, "url": url}}


def _publish(key: str, title: str, steps: list[dict[str, Any]], *, roles: dict[str, Any] | None = None) -> None:
    document = Document.model_validate(
        {
            "key": key,
            "title": title,
            "scenario": "Processes die.",
            "owner": "Tests",
            "review_by": date(2030, 1, 1),
            "roles": roles or {},
            "steps": steps,
        }
    )
    now = clock.now()
    plan = Plan.objects.create(key=key, title=title, created_at=now)
    plan.published = PlanVersion.objects.create(
        plan=plan,
        number=1,
        state="published",
        text="",
        document=stored(document),
        digest=digest(document),
        created_at=now,
        edited_at=now,
        published_at=now,
    )
    plan.save(update_fields=["published"])
