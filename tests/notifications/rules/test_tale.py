"""What happened to somebody, in words: a table of nights."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from notifications.rules.tale import Answered, Exchange, Sent, tale
from tests.builders import NOW

END = NOW + timedelta(hours=1)


def at(minutes: float, seconds: float = 0) -> datetime:
    """Return a moment so long after the start."""
    return NOW + timedelta(minutes=minutes, seconds=seconds)


def x(minutes: float, result: str, *, by: str = "twilio", code: str = "", detail: str = "") -> Exchange:
    """Return an attempt so many minutes after the start."""
    return Exchange(at=at(minutes), provider=by, result=result, code=code, detail=detail)


def sent(
    channel: str,
    *exchanges: Exchange,
    state: str = "sent",
    due: float = 0,
    kind: str = "page",
    reason: str = "",
    ended: float | None = None,
) -> Sent:
    """Return a message with its exchanges."""
    ended_at = None if ended is None else at(ended)
    return Sent(
        channel=channel, state=state, due_at=at(due), kind=kind, reason=reason, ended_at=ended_at, exchanges=exchanges
    )


def key(minutes: float, seconds: float = 0) -> Answered:
    """Return a pressed key."""
    return Answered(at=at(minutes, seconds), word="acknowledged", via="voice")


def told(messages: list[Sent], answers: list[Answered], now: datetime = END) -> str:
    """Return the tale as the screen shows it, in minutes and seconds after the start."""

    def clock(moment: datetime, *, exact: bool) -> str:
        return moment.strftime("%H:%M:%S" if exact else "%H:%M")

    return ", ".join(
        f"{each.words} {'since' if each.since else 'at'} {clock(each.at, exact=each.exact)}"
        for each in tale(messages, answers, now=now)
    )


NIGHTS = {
    "the promise": (
        [sent("voice", x(11, "accepted"), x(12, "no-answer", code="no-answer"), x(14, "accepted"), x(14.1, "ringing"))],
        [key(14, 32)],
        "no answer at 03:12, called again at 03:14, confirmed by key at 03:14:32",
    ),
    "failed for the moment, then no answer": (
        [sent("voice", x(1, "temporary", code="503"), x(2, "accepted"), x(3, "no-answer"))],
        [],
        "Twilio did not take the call (503) at 03:01, no answer at 03:03",
    ),
    "only called": ([sent("voice", x(1, "accepted"), x(1, "ringing"))], [], "called at 03:01"),
    "busy, then a machine": (
        [
            sent("voice", x(1, "accepted"), x(2, "busy")),
            sent("voice", x(3, "accepted"), x(4, "in-progress", code="machine_start")),
        ],
        [],
        "line busy at 03:02, called again: a machine answered at 03:04",
    ),
    "picked up without a key, by either provider": (
        [
            sent("voice", x(1, "accepted"), x(2, "in-progress"), x(3, "completed")),
            sent("voice", x(5, "accepted", by="vonage"), x(6, "human", by="vonage")),
        ],
        [],
        "picked up, no key pressed at 03:03, called again: picked up at 03:06",
    ),
    "the first call hung up, the second confirmed": (
        [
            sent("voice", x(1, "accepted"), x(2, "in-progress"), x(3, "completed")),
            sent("voice", x(5, "accepted"), x(6, "in-progress"), x(7, "completed")),
        ],
        [key(6, 30)],
        "picked up, no key pressed at 03:03, called again at 03:05, confirmed by key at 03:06:30",
    ),
    "failover": (
        [sent("sms", x(1, "temporary", code="429"), x(1, "accepted", by="vonage"), x(2, "delivered", by="vonage"))],
        [Answered(at=at(3, 5), word="acknowledged", via="sms")],
        (
            "Twilio did not take the text (429) at 03:01, text sent by Vonage instead of Twilio at 03:01, "
            "confirmed by text at 03:03:05"
        ),
    ),
    "held up, then by the other": (
        [sent("sms", x(1, "accepted"), x(2, "no_receipt"), x(2, "accepted", by="vonage"))],
        [],
        "Twilio held the text up at 03:02, text sent again by Vonage instead of Twilio at 03:02",
    ),
    "unknown, and found afterwards": (
        [sent("voice", x(1, "unknown"), x(2, "found"), x(3, "no-answer"))],
        [],
        "no answer at 03:03",
    ),
    "unknown, not there, and again": (
        [sent("voice", x(1, "unknown"), x(2, "not_found"), x(3, "accepted"))],
        [],
        "Twilio never had the call at 03:02, called at 03:03",
    ),
    "nobody knows": (
        [sent("email", x(1, "unknown", by="smtp"))],
        [],
        "no word from Smtp, perhaps the mail went out at 03:01",
    ),
    "a wrong number": (
        [sent("sms", x(1, "permanent", code="21211"), state="failed")],
        [],
        "text not possible (21211) at 03:01",
    ),
    "a bounce": (
        [sent("email", x(1, "accepted", by="mailgun"), x(2, "bounced", by="mailgun", code="invalid"))],
        [],
        "mail came back (invalid) at 03:02",
    ),
    "deferred is no bounce": (
        [sent("email", x(1, "accepted", by="mailgun"), x(2, "deferred", by="mailgun", detail="Try later."))],
        [],
        "mail sent at 03:01",
    ),
    "a text that its network lost": (
        [sent("sms", x(1, "accepted"), x(2, "undelivered", code="30003"))],
        [],
        "text not delivered (30003) at 03:02",
    ),
    "a notification, shown, answered there": (
        [sent("push", x(1, "accepted", by="vapid"), x(1, "shown", by="vapid"))],
        [Answered(at=at(2), word="acknowledged", via="push")],
        "notification sent at 03:01, confirmed in the notification at 03:02:00",
    ),
    "a text arrived, a call was answered": (
        [sent("sms", x(1, "accepted"), x(1, "delivered")), sent("voice", x(2, "accepted"), x(2, "in-progress"))],
        [key(3)],
        "text arrived at 03:01, called at 03:02, confirmed by key at 03:03:00",
    ),
    "taken back because somebody else answered": (
        [sent("voice", x(1, "accepted"), x(2, "canceled"), state="cancelled")],
        [],
        "call taken back at 03:02",
    ),
    "not needed any more": ([sent("voice", state="cancelled", due=5)], [], ""),
    "never sent": (
        [sent("sms", state="failed", reason="The contact method was switched off.", ended=2)],
        [],
        "text not sent (The contact method was switched off) at 03:02",
    ),
    "said no": ([], [Answered(at=at(2), word="declined", via="slack")], "said no in Slack at 03:02:00"),
    "somebody else answered for them": (
        [sent("voice", x(1, "accepted"))],
        [Answered(at=at(2), word="acknowledged", via="voice", by="Olga")],
        "called at 03:01, Olga answered for them at 03:02:00",
    ),
    "the same failure again and again": (
        [sent("voice", *(x(n, "temporary", code="503") for n in (1, 2, 3)))],
        [],
        "Twilio did not take the call (503) (3 times) at 03:03",
    ),
    "a reminder": ([sent("sms", x(1, "accepted"), kind="reminder")], [], "reminded by text at 03:01"),
    "a channel nobody foresaw": ([sent("pager", x(1, "accepted"))], [], "message sent at 03:01"),
}


@pytest.mark.parametrize("night", NIGHTS.values(), ids=NIGHTS)
def test_the_tale(night: tuple[list[Sent], list[Answered], str]) -> None:
    messages, answers, words = night
    assert told(messages, answers) == words


def test_what_comes_next_is_told_last() -> None:
    messages = [
        sent("sms", state="pending", due=4),
        sent("voice", x(1, "accepted"), x(2, "no-answer"), state="pending", due=3),
    ]
    assert told(messages, [], now=at(2.5)) == "no answer at 03:02, another call follows at 03:03, text follows at 03:04"


def test_what_is_due_and_has_not_left_says_so() -> None:
    assert told([sent("voice", state="pending", due=1)], [], now=at(2)) == "call waits to be sent since 03:01"
