"""The memory system is a kind like any other while these tests run."""

from __future__ import annotations

import pytest

from people.models import Person, Role
from tests.builders import make_person
from tests.resets.engine.conftest import _memory, _no_hasher_is_left  # noqa: F401  (used by name)


@pytest.fixture
def vera(db: None) -> Person:
    """Who asked for the reset."""
    return make_person("Vera", role=Role.EXECUTIVE)
