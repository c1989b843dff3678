"""A frozen policy survives storage whole, and refuses what it did not write."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.frozen_policy import KINDS, FrozenLevel, FrozenPolicy, FrozenTarget, people_level

TARGETS = st.builds(FrozenTarget, kind=st.sampled_from(KINDS), id=st.text(max_size=40), name=st.text(max_size=40))
LEVELS = st.builds(
    FrozenLevel,
    delay_s=st.integers(min_value=0, max_value=10**6),
    until_enough=st.booleans(),
    targets=st.lists(TARGETS, max_size=3).map(tuple),
)
POLICIES = st.builds(
    FrozenPolicy,
    name=st.text(max_size=40),
    rounds=st.integers(min_value=1, max_value=9),
    required_acknowledgements=st.integers(min_value=1, max_value=9),
    remind_after_s=st.none() | st.integers(min_value=0, max_value=10**6),
    repage_after_s=st.none() | st.integers(min_value=0, max_value=10**6),
    levels=st.lists(LEVELS, max_size=3).map(tuple),
)


@given(policy=POLICIES)
def test_it_comes_back_as_it_was(policy: FrozenPolicy) -> None:
    assert FrozenPolicy.from_json(json.loads(json.dumps(policy.to_json()))) == policy


@pytest.mark.parametrize(
    "stored",
    [
        {},
        [],
        {**FrozenPolicy(name="Hosting", levels=()).to_json(), "levels": [{"delay_s": 1}]},
        {**FrozenPolicy(name="Hosting", levels=()).to_json(), "rounds": "often"},
        {
            **FrozenPolicy(name="Hosting", levels=()).to_json(),
            "levels": [{"delay_s": 1, "until_enough": False, "targets": [{"kind": "robot", "id": "1", "name": ""}]}],
        },
    ],
)
def test_anything_else_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"frozen policy|target|invalid literal"):
        FrozenPolicy.from_json(stored)


def test_a_level_of_people() -> None:
    level = people_level([("1", "Ada"), ("2", "Vic")], delay_s=120, until_enough=True)
    assert [(target.kind, target.id, target.name) for target in level.targets] == [
        ("person", "1", "Ada"),
        ("person", "2", "Vic"),
    ]
    assert (level.delay_s, level.until_enough) == (120, True)
