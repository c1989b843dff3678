"""The examples in docs/plans.md are a plan: together they are read without an error, and show every kind."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent
from typing import Final

from eap.format.check_calls import calls
from eap.format.document import Input, Step
from eap.format.kinds import Kind
from eap.format.problems import errors
from eap.format.read import read
from eap.plan_queries import inputs_of_actions

PAGE: Final = (Path(__file__).resolve().parents[3] / "docs" / "plans.md").read_text(encoding="utf-8")


def test_the_examples_are_one_plan_that_shows_every_kind() -> None:
    head, *steps = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    reading = read(head + "steps:\n" + indent("".join(steps), "  "))
    assert [str(problem) for problem in errors(reading.problems)] == []
    assert reading.document is not None
    assert {step.kind for step in reading.document.steps} == set(Kind)
    assert errors(calls(reading.document, inputs_of_actions())) == []


def test_every_key_of_a_step_and_every_type_of_input_is_explained() -> None:
    kinds = {kind.value for kind in Kind} | {
        "call",
        "targets",
        "lines",
        "update",
        "page",
        "approval",
        "wait",
        "decision",
    }
    missing = [name for name in Step.model_fields if name not in kinds and f"`{name}`" not in PAGE]
    assert missing == []
    types = re.findall(r"'(\w+)'", str(Input.model_fields["type"].annotation))
    assert [name for name in types if f"`{name}`" not in PAGE] == []
