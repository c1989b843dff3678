"""What a provider's later word does to a delivery; pure. Words come late, doubled and out of order."""

from __future__ import annotations

from typing import Final

from notifications.channels.base import News

OPEN: Final = frozenset({"pending", "sending", "sent"})
"""States in which a provider's word may still change something. "pending" after a try whose outcome was unknown."""

_BECOMES: Final = {
    "delivered": {"pending": "delivered", "sending": "delivered", "sent": "delivered"},
    "over": {"pending": "delivered", "sending": "delivered", "sent": "delivered"},
    "failed": {"sending": "failed", "sent": "failed"},
    "withdrawn": {"sending": "cancelled", "sent": "cancelled"},
}


def becomes(*, state: str, rank: int, news: News) -> str:
    """Return the state of a delivery in `state` whose newest word had `rank`, after `news`.

    A word of the same or a lower rank changes nothing, nor does any word once the delivery has ended. A retry that
    waits ("pending") is stopped by success only: failure of the earlier try is why it waits. An answered call that
    ends stays delivered, unless it turns out that a machine had answered it.
    """
    if news.rank <= rank:
        return state
    if state == "delivered" and news.kind == "failed" and news.nobody:
        return "failed"
    return _BECOMES.get(news.kind, {}).get(state, state)
