"""The memory system of the engine's tests is a kind like any other here, too."""

from tests.resets.engine.conftest import _memory  # noqa: F401
