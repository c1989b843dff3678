"""The memory system is a kind like any other while these tests run."""

from __future__ import annotations

import pytest

from resets.backends.registry import PLACES
from resets.work.hashing import hashers
from tests.resets.engine import memory


@pytest.fixture(autouse=True)
def _memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PLACES, "memory", memory.PLACE)
    monkeypatch.setattr(memory, "HELD", memory.Held())


@pytest.fixture(autouse=True, scope="session")
def _no_hasher_is_left() -> object:
    yield
    hashers().close()
