"""What came twice is done once."""

from __future__ import annotations

from notifications.inbound import is_new
from rooms.slack.registry import Came


def first_time(came: Came) -> bool:
    """Note in the caller's transaction that this was done; False when it had been done before.

    What Slack gave nothing to tell by is always taken for new: to do it twice is better than never.
    """
    return not came.key or is_new("slack", _identity(came), now=came.now)


def _identity(came: Came) -> str:
    # Whoever heard nothing of a window that they sent sends the same one again, by another trigger: one thing is meant.
    window = str(came.view.get("id") or "") if came.kind == "submission" else ""
    return f"window:{window}" if window else came.key
