"""Why a backup was not written or not restored."""

from __future__ import annotations


class BackupError(Exception):
    """Nothing was changed; the message is a sentence that tells a person what to do."""
