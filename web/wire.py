"""What the web process and the stream process agree on. Loads no app, because the stream process is kept small."""

import hashlib
from collections.abc import Sequence
from typing import Final

CHANNEL: Final = "muster_live"
"""The channel of `NOTIFY`; a note is `{"subject": ..., "version": ...}`."""
TICKET_SALT: Final = "live"
TICKET_MAX_AGE_S: Final = 3600
MOST_SUBJECTS: Final = 200
"""Subjects of one screen."""


def for_these(subjects: Sequence[str]) -> str:
    """Return what a ticket says of the subjects it is good for: their digest, so that an address stays short."""
    return hashlib.sha256("\n".join(subjects).encode()).hexdigest()[:32]
