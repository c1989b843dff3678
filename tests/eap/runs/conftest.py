"""What every test of runs stands on: the tests' own actions, which remember nothing from before."""

from __future__ import annotations

import pytest

from eap.actions.registry import actions
from people.models import Person
from tests.builders import make_person
from tests.eap.runs.actions import ALL


@pytest.fixture(autouse=True)
def _actions_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Register the tests' actions beside the real ones, for one test."""
    monkeypatch.setattr(actions, "_actions", {**{action.name: action for action in actions.all()}})
    for action in ALL:
        action.forget()
        actions.register(action)


@pytest.fixture
def otto() -> Person:
    """Who starts and does everything here."""
    return make_person("Otto")
