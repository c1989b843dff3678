"""Twilio's words about calls and messages as news. Ranks order them: callbacks come in any order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from notifications.channels.base import News, NewsKind
from notifications.channels.twilio.errors import NOBODY_THERE, refusal_of

CALLS: Final[Mapping[str, tuple[int, NewsKind, float | None]]] = {
    "queued": (1, "progress", 30.0),
    "initiated": (2, "progress", 30.0),
    "ringing": (3, "progress", 60.0),
    "in-progress": (4, "delivered", 300.0),
    "completed": (5, "over", None),
    "busy": (5, "failed", None),
    "no-answer": (5, "failed", None),
    "failed": (5, "failed", None),
    "canceled": (5, "withdrawn", None),
}
"""Word → rank, meaning, seconds until we ask ourselves if nothing more is heard."""

MESSAGES: Final[Mapping[str, tuple[int, NewsKind, float | None]]] = {
    "accepted": (1, "progress", 60.0),
    "scheduled": (1, "progress", 60.0),
    "queued": (2, "progress", 60.0),
    "sending": (3, "progress", 60.0),
    "sent": (4, "progress", 120.0),  # many carriers never say more
    "delivered": (5, "delivered", None),
    "read": (6, "delivered", None),
    "undelivered": (5, "failed", None),
    "failed": (5, "failed", None),
    "canceled": (5, "withdrawn", None),
}

MACHINES: Final = ("machine", "fax")
"""How `AnsweredBy` begins when nobody answered."""
CALL_WORDS: Final = {"busy": "The line was busy.", "no-answer": "Nobody answered.", "failed": "The call failed."}


def call_news(*, ref: str, status: str, answered_by: str = "", sip_code: str = "") -> News | None:
    """Return what a call's status says; None for a word that Twilio added since.

    A machine that picks up is nobody: the next way is taken at once.
    """
    if status not in CALLS:
        return None
    rank, kind, check_after_s = CALLS[status]
    if answered_by.startswith(MACHINES) and kind in ("delivered", "over"):
        detail = "A machine answered."
        return News(ref=ref, word=status, rank=rank, kind="failed", code=answered_by, detail=detail, nobody=True)
    gone = status == "failed" and sip_code.isdecimal() and int(sip_code) in NOBODY_THERE
    return News(
        ref=ref,
        word=status,
        rank=rank,
        kind=kind,
        code="" if kind != "failed" else (sip_code or status) if status == "failed" else status,
        detail=CALL_WORDS.get(status, ""),
        scope="address" if gone else "",
        nobody=status in ("busy", "no-answer"),
        check_after_s=check_after_s,
    )


def message_news(*, ref: str, status: str, error_code: str = "") -> News | None:
    """Return what a message's status says; None for a word that Twilio added since."""
    if status not in MESSAGES:
        return None
    rank, kind, check_after_s = MESSAGES[status]
    if kind != "failed":
        return News(ref=ref, word=status, rank=rank, kind=kind, check_after_s=check_after_s)
    refusal = refusal_of(int(error_code) if error_code.isdecimal() else None)
    return News(
        ref=ref,
        word=status,
        rank=rank,
        kind=kind,
        code=error_code or status,
        detail=f"The network did not deliver it ({error_code or status}).",
        scope=refusal.scope,
        opted_out=refusal.opted_out,
        try_again=refusal.try_again,
    )
