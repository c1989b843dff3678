"""Which alerts wait while their service is muted; pure."""

from __future__ import annotations

from datetime import datetime


def waits(*, first_seen: datetime, muted_since: datetime | None, already_followed: bool) -> bool:
    """Tell whether an alert waits: its own service is muted, it began since then, and nobody was called for it yet.

    Only what the alert itself is about counts, never the service that a rule pages: a rule for everything unknown must
    not fall silent because its service is being worked on.
    """
    return muted_since is not None and first_seen >= muted_since and not already_followed
