"""What calls that meet leave behind: conferences and recordings."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from simulator.records import Exchange, Record


@dataclass(kw_only=True, eq=False)
class Conference(Record):
    """Calls that hear each other; `to` is its friendly name, `participants` the calls that are in it now.

    `init` while one is alone in it, `in-progress` from the second one on, `completed` when the last one left.
    """

    account_sid: str
    participants: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    callbacks: list[Exchange] = field(default_factory=list)
    updated_at: datetime | None = None

    MOMENTS: ClassVar[frozenset[str]] = frozenset({"received_at", "updated_at"})
    FINAL: ClassVar[frozenset[str]] = frozenset({"completed"})


@dataclass(kw_only=True, eq=False)
class Recording(Record):
    """What somebody said after the beep; `to` is the number they had called."""

    account_sid: str
    call_sid: str
    text: str = ""
    duration_s: int = 0

    FINAL: ClassVar[frozenset[str]] = frozenset({"completed"})

    def public(self) -> dict[str, Any]:
        """The item as the simulator's own API shows it."""
        return {**self.row(), "call": self.call_sid}
