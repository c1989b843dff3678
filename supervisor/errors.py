"""What the supervisor refuses, in a sentence that tells a person what to do."""

from __future__ import annotations


class StartRefused(Exception):
    """The start cannot go on; the message is shown as it is and the command ends with 1."""
