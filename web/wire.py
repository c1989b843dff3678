"""What the web process and the stream process agree on. Imports nothing, because the stream process is kept small."""

from typing import Final

CHANNEL: Final = "muster_live"
"""The channel of `NOTIFY`; a note is `{"subject": ..., "version": ...}`."""
TICKET_SALT: Final = "live"
TICKET_MAX_AGE_S: Final = 3600
MOST_SUBJECTS: Final = 200
"""Subjects of one screen."""
