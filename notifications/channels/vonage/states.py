"""Vonage's words about calls and texts as news. Ranks order them: callbacks come in any order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from notifications.channels.base import News, NewsKind
from notifications.channels.vonage.errors import refusal_of

CALLS: Final[Mapping[str, tuple[int, NewsKind, float | None]]] = {
    "started": (2, "progress", 30.0),
    "ringing": (3, "progress", 60.0),
    "answered": (4, "delivered", 300.0),
    "human": (5, "delivered", 300.0),
    "machine": (7, "failed", None),  # said of a call that had been answered, perhaps after its end
    "completed": (6, "over", None),
    "busy": (6, "failed", None),
    "unanswered": (6, "failed", None),
    "timeout": (6, "failed", None),
    "rejected": (6, "failed", None),
    "failed": (6, "failed", None),
    "cancelled": (6, "withdrawn", None),
}
"""Word → rank, meaning, seconds until we ask ourselves if nothing more is heard."""
TEXTS: Final[Mapping[str, tuple[int, NewsKind]]] = {
    "submitted": (1, "progress"),
    "accepted": (2, "progress"),
    "buffered": (3, "progress"),
    "unknown": (4, "progress"),
    "delivered": (5, "delivered"),
    "expired": (5, "failed"),
    "failed": (5, "failed"),
    "rejected": (5, "failed"),
}
WORDS: Final = {
    "busy": "The line was busy.",
    "unanswered": "Nobody answered.",
    "timeout": "Nobody answered.",
    "rejected": "The call was rejected.",
    "failed": "The call failed.",
    "machine": "A machine answered.",
}
NOBODY_THERE: Final = frozenset({"number_out_of_service"})
"""The `detail` of a failed call that says that the number does not exist."""
NOBODY_NOW: Final = frozenset({"busy", "unanswered", "timeout", "rejected", "machine"})
"""Nobody took the call: the person's rules may call again."""


def call_news(*, ref: str, status: str, detail: str = "") -> News | None:
    """Return what a call's status says; None for a word that Vonage added since."""
    if status not in CALLS:
        return None
    rank, kind, check_after_s = CALLS[status]
    return News(
        ref=ref,
        word=status,
        rank=rank,
        kind=kind,
        code=(detail or status)[:20] if kind == "failed" else "",
        detail=WORDS.get(status, ""),
        scope="address" if kind == "failed" and detail in NOBODY_THERE else "",
        nobody=status in NOBODY_NOW,
        check_after_s=check_after_s,
    )


def text_news(*, ref: str, status: str, code: str = "") -> News | None:
    """Return what a delivery receipt says; None for a word that Vonage added since."""
    if status not in TEXTS:
        return None
    rank, kind = TEXTS[status]
    if kind != "failed":
        return News(ref=ref, word=status, rank=rank, kind=kind)
    refusal = refusal_of(code)
    return News(
        ref=ref,
        word=status,
        rank=rank,
        kind=kind,
        code=code or status,
        detail=f"The network did not deliver it ({code or status}).",
        scope=refusal.scope,
        try_again=refusal.try_again,
    )
