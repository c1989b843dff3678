"""What a backend is given in these tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from resets.backends.base import Surroundings


def surroundings(
    secrets: Mapping[str, str], *, said: list[str] | None = None, stopped: Callable[[], bool] = lambda: False
) -> Surroundings:
    """Return surroundings with these secrets; what is said is added to `said`."""
    lines = [] if said is None else said
    return Surroundings(secret=lambda name: secrets[name], say=lines.append, stopped=stopped, timeout_s=30)
