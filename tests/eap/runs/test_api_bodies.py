"""What programs send to runs and steps: whatever it is, it is taken or refused with a reason, and nothing breaks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from eap.models import Run
from eap.operations.starts.by_webhook import issue_hook
from ledger.actor import Actor
from tests.api.calling import calling_as
from tests.builders import make_person
from tests.eap.runs.builders import automation, begin, do, make_hosts, make_version, step
from web.errors import BadInput

pytestmark = pytest.mark.django_db

INPUTS = {
    "word": {"type": "text", "title": "Word", "required": False},
    "number": {"type": "number", "title": "Number", "required": False},
    "truth": {"type": "boolean", "title": "Truth", "required": False},
    "day": {"type": "date", "title": "Day", "required": False},
    "moment": {"type": "datetime", "title": "Moment", "required": False},
    "way": {"type": "choice", "title": "Way", "options": ["fast", "safe"], "required": False},
    "phrase": {"type": "secret", "title": "Phrase", "required": False},
    "machines": {"type": "hosts", "title": "Machines", "required": False},
}
NASTY: list[Any] = [
    "a\0b",
    "\ud800lone",
    "x" * 100_001,
    10**400,
    -(10**20),
    1e308,
    True,
    None,
    [],
    ["\0"],
    ["\ud800"],
    [[[]]],
    {"a": {"b": "\0"}},
    "9999-12-31T23:59:59-23:00",
    "0001-01-01T00:00:00+23:00",
    "9999-12-31",
    "",
    " ",
    "{secrets.deploy}",
    "١٢",
    "NaN",
]
FITTING = {"lines": "stop", "approve": "agree", "deny": "agree", "choose": "which", "retry": "burn", "settle": "burn"}
"""Whose state lets a verb come to its fields; the others are tried on the manual step."""
BODIES: dict[str, list[str]] = {
    "inputs": ["inputs", "reason"],
    "steps": ["title", "instructions", "after", "before", "person", "due_s"],
    "stop": ["how", "reason"],
    "pause": ["reason"],
    "resume": [],
    "undo": ["reason"],
    "steps/{step}/start": [],
    "steps/{step}/complete": ["note", "evidence", "facts"],
    "steps/{step}/evidence": ["note", "name", "hash"],
    "steps/{step}/lines": ["answers"],
    "steps/{step}/choose": ["option", "reason"],
    "steps/{step}/approve": ["digest", "note"],
    "steps/{step}/deny": ["digest", "note"],
    "steps/{step}/skip": ["reason"],
    "steps/{step}/fail": ["reason"],
    "steps/{step}/reassign": ["person"],
    "steps/{step}/retry": ["selections", "hosts", "reason"],
    "steps/{step}/settle": ["as", "hosts", "reason"],
}
USUAL = {
    "reason": "So",
    "title": "Look",
    "how": "now",
    "note": "Seen",
    "digest": "0" * 64,
    "option": "left",
    "as": "done",
    "inputs": {},
    "answers": [],
}


def make_run() -> Run:
    """Return a run with a step of each kind that people move."""
    make_hosts("web1")
    return begin(
        make_version(
            [
                step("do", role="ops"),
                step("stop", "pause_point", lines=[{"text": "Sure?"}]),
                step("agree", "approval", approval={"roles": ["ops"]}),
                step(
                    "which",
                    "decision",
                    decision={"question": "Which?", "options": [{"key": k, "title": k} for k in ("left", "right")]},
                ),
                automation("burn", targets={"hosts": "web"}),
            ],
            inputs=INPUTS,
        )
    )


def _sound(answer: Any, sent: object) -> None:
    assert answer.status_code < 500, (sent, answer.content)
    if answer.status_code == 422:
        told = answer.json()
        assert told["detail"], sent
        assert told["errors"], sent
        assert all(told["errors"].values()), sent


@pytest.mark.parametrize("name", INPUTS)
def test_any_value_of_an_input_is_taken_or_refused_by_its_name(name: str) -> None:
    caller = calling_as(make_person("Otto"))
    version = make_version([step("look")], inputs=INPUTS)
    for value in NASTY:
        answer = caller.call("POST", f"/plans/{version.plan.key}/runs", {"inputs": {name: value}})
        _sound(answer, value)
        assert answer.status_code == 201 or list(answer.json()["errors"]) == [f"inputs.{name}"], value


@pytest.mark.parametrize("path", BODIES)
def test_any_value_of_a_field_is_taken_or_refused(path: str) -> None:
    caller = calling_as(make_person("Otto"))
    run = make_run()
    address = f"/runs/{run.pk}/{path.format(step=FITTING.get(path.rpartition('/')[2], 'do'))}"
    for field in BODIES[path]:
        usual = {each: USUAL[each] for each in BODIES[path] if each in USUAL}
        for value in [
            *NASTY,
            {"x": NASTY[0]},
            {"word": NASTY[1]},
            [{"line": 10**30, "answer": "yes", "initials": "\0"}],
        ]:
            _sound(caller.call("POST", address, {**usual, field: value}), value)
    for body in ("", "[]", "null", "7", '"x"', "{", '{"reason": 1e999}', "\ufeff{}", "[" * 5_000):
        _sound(caller.call("POST", address, body), body)


def test_a_nul_in_an_input_names_the_input() -> None:
    caller = calling_as(make_person("Otto"))
    version = make_version([step("look")], inputs=INPUTS)
    refused = caller.post(f"/plans/{version.plan.key}/runs", {"inputs": {"word": "a\0b"}}, status=422)
    assert refused["errors"] == {"inputs.word": "Word: leave the NUL character out; nothing can store it."}
    assert refused["detail"].endswith(refused["errors"]["inputs.word"])


def test_an_address_that_starts_plans_takes_or_refuses_whatever_comes() -> None:
    version = make_version([step("look")], inputs=INPUTS)
    _, key = do(issue_hook, plan=version.plan, name="Deploys", by=Actor.system())
    client = Client(raise_request_exception=False)
    for field in ("inputs", "incident", "reason", "more"):
        for value in [*NASTY, {"word": "\0"}, {"x\0": 1}, {"\ud800": "x"}]:
            answer = client.post(
                f"/integrations/plans/{key}", json.dumps({field: value}), content_type="application/json"
            )
            assert answer.status_code in (201, 422), (field, value, answer.content)
            assert answer.status_code == 201 or answer.json()["errors"], (field, value)


def test_an_address_keeps_no_input_that_its_plan_can_not_use() -> None:
    version = make_version([step("look")], inputs=INPUTS)
    for inputs, field in (
        ({"word": "a\0b"}, "inputs.word"),
        ({"wrod": "x"}, "inputs.wrod"),
        ({"number": "x"}, "inputs.number"),
    ):
        with pytest.raises(BadInput) as caught:
            do(issue_hook, plan=version.plan, name="Deploys", inputs=inputs, by=Actor.system())
        assert field in caught.value.errors
