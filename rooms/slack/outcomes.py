"""Who hears what became of a call in the outbox: the channel's id, the summary's time stamp, why it failed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from rooms.models import SlackOutgoing

Hear = Callable[[SlackOutgoing, dict[str, Any] | None], None]
"""Gets the row as it ended and Slack's answer, None when it failed for good (`row.code` is Slack's error, `row.reason`
a sentence). Runs in the transaction that records the end: it writes rows and posts further calls, nothing else."""

_ears: Final[dict[str, Hear]] = {}


def register(purpose: str, hear: Hear) -> None:
    """Let `hear` know the end of every outgoing call of this `purpose`."""
    if _ears.setdefault(purpose, hear) is not hear:
        raise ValueError(f"Two features hear of {purpose!r}.")


def tell(row: SlackOutgoing, answer: dict[str, Any] | None) -> None:
    """Tell whoever registered for the row's purpose."""
    hear = _ears.get(row.purpose)
    if hear is not None:
        hear(row, answer)
