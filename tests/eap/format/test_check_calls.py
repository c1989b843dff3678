"""Whether a plan calls actions that exist, with inputs that they take."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import Field

from eap.actions.base import Inputs
from eap.format.check_calls import calls
from eap.format.problems import errors
from eap.operations.plans.install import builtins
from eap.plan_queries import inputs_of_actions
from tests.eap.format.texts import document


class Asked(Inputs):
    """What the action of these tests takes."""

    url: str
    port: Annotated[int, Field(ge=1, le=65_535)] = 443
    words: tuple[str, ...] = ()


ACTIONS = {"ask": Asked}


def said(call: str, part: str = "call") -> list[str]:
    extra = "" if part == "call" else "call: {action: ask, with: {url: x}}, "
    steps = f"- {{id: act, kind: automation, title: T, role: ops, {extra}{part}: {call}}}\n"
    return [problem.sentence for problem in calls(document(steps), ACTIONS)]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("{action: ask, with: {url: x}}", []),
        ("{action: aks, with: {url: x}}", ['No action is called "aks". Did you mean "ask"?']),
        ("{action: ask, with: {url: x, prot: 1}}", ['The action ask takes no "prot". Did you mean "port"?']),
        ("{action: ask}", ['The action ask needs "url".']),
        ("{action: ask, with: {url: x, port: 0}}", ['"port" has to be at least 1.']),
        ("{action: ask, with: {url: x, port: '{inputs.count}'}}", []),
        ("{action: ask, with: {url: x, port: many}}", ['"port" has to be a whole number.']),
        ("{action: ask, with: {url: x, words: [a, 3]}}", ['"words" has to be text. Put it in quotes.']),
    ],
)  # fmt: skip
def test_a_call_that_does_not_fit_its_action_is_told_so(call: str, expected: list[str]) -> None:
    assert said(call) == expected


def test_what_takes_a_call_back_is_checked_too() -> None:
    assert said("{action: undo-it}", part="undo") == ['No action is called "undo-it". There is: ask.']


@pytest.mark.parametrize("key", sorted(builtins()))
def test_our_own_plans_call_what_there_is(key: str) -> None:
    assert errors(calls(builtins()[key].document, inputs_of_actions())) == []
