"""A delivery in the hands of one sender."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A delivery that this process may send until `lease_until`, with what its message needs.

    `fence` and `tries` count this claim, `provider` is who gets this try. `usable` False: it was not taken, because
    nobody may be reached there any more. `any_open`: some provider of some kind is passed over at this moment.
    `probing`: this try's provider is one, and success closes its breaker.
    """

    id: int
    fence: int
    tries: int
    state: str
    kind: str
    channel: str
    provider: str
    address: str
    content: dict[str, Any]
    urgency: str
    severity: int
    repeated: bool
    expires_at: datetime | None
    contact_method_id: UUID | None
    secret: str = field(repr=False)
    person_id: UUID
    person_name: str
    language: str
    page_id: UUID | None
    page_subject: str
    page_title: str
    page_code: str
    page_state: str
    at: datetime
    any_open: bool = False
    probing: bool = False
    began: float = field(default_factory=time.monotonic)

    @property
    def usable(self) -> bool:
        """Tell whether it was taken for sending."""
        return self.state == "sending"

    def now(self) -> datetime:
        """Return the database's time of the claim plus what has passed since."""
        return self.at + timedelta(seconds=time.monotonic() - self.began)
