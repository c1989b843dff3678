"""Calls of Slack's Web API against its description; what tests really called is held to it in `tests/workspace.py`."""

from __future__ import annotations

import pytest

from tests.contract.descriptions import needs_descriptions, slack_faults

pytestmark = needs_descriptions


@pytest.mark.parametrize(
    ("method", "given", "word"),
    [
        ("chat.postMessage", {"channel": "C1", "text": "x", "metadata": "{}"}, ""),
        ("chat.postMessage", {"text": "x"}, "needs channel"),
        ("chat.postMessage", {"channel": "C1", "texts": "x"}, "texts is no argument"),
        ("conversations.create", {"name": "incident-1", "is_private": "true"}, ""),
        ("pins.add", {"channel": "C1"}, ""),
        ("chat.shout", {}, "not described"),
    ],
)
def test_a_wrong_call_is_noticed(method: str, given: dict[str, str], word: str) -> None:
    faults = slack_faults(method, given)
    assert bool(faults) == bool(word)
    assert word in " ".join(faults)
