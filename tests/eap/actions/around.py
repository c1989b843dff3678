"""What an action is given in these tests, with a log that can be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.utils.asyncio import async_unsafe

from eap.actions.base import Host, Surroundings
from eap.actions.redaction import Redaction


@dataclass
class Log:
    """Collects what an action says, as it would be stored."""

    redaction: Redaction = field(default_factory=Redaction)
    lines: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        """Keep a line without secrets."""
        self.lines.append(self.redaction.clean(line))


def around(
    log: Log | None = None,
    *,
    key: str = "run:step:target:1",
    target: Host | None = None,
    stopped: Callable[[], bool] = lambda: False,
    secrets: Mapping[str, str] | None = None,
    timeout_s: float = 20.0,
    drill: bool = False,
) -> Surroundings:
    """Return surroundings; `secrets` are what the store holds."""
    log = log or Log()
    held = secrets or {}

    @async_unsafe("Secrets come from the database; ask for them outside the event loop.")
    def secret(name: str) -> str:
        return log.redaction.learn(held[name])

    return Surroundings(
        run_id="run",
        step_id="step",
        key=key,
        timeout_s=timeout_s,
        say=log.say,
        stopped=stopped,
        secret=secret,
        target=target,
        drill=drill,
    )
