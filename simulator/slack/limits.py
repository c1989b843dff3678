"""How often a method may be called: per workspace and minute, messages per channel. docs.slack.dev, rate limits."""

import math
from collections import deque

PER_MINUTE = {
    "auth.test": 300,
    "conversations.create": 20,
    "conversations.setTopic": 20,
    "conversations.setPurpose": 20,
    "conversations.archive": 20,
    "users.list": 20,
    "pins.add": 20,
    "views.publish": 100,
    "views.open": 100,
    "views.update": 100,
    "views.push": 100,
    "chat.postEphemeral": 100,
    "users.info": 100,
}
OTHERS = 50
POSTS_A_MINUTE = 60
"""To one channel; about one a second, short bursts allowed."""


class Limits:
    """Counts calls in the last minute."""

    def __init__(self) -> None:
        self._calls: dict[str, deque[float]] = {}

    def clear(self) -> None:
        self._calls.clear()

    def wait_s(self, *, method: str, channel: str, at_s: float) -> int:
        """0 when the call may be made (it is counted then), else the seconds for Retry-After."""
        is_post = method in {"chat.postMessage", "chat.update", "chat.delete"}
        key = f"{method} {channel}" if is_post else method
        most = POSTS_A_MINUTE if is_post else PER_MINUTE.get(method, OTHERS)
        calls = self._calls.setdefault(key, deque())
        while calls and calls[0] <= at_s - 60:
            calls.popleft()
        if len(calls) >= most:
            return max(1, math.ceil(calls[0] + 60 - at_s))
        calls.append(at_s)
        return 0
