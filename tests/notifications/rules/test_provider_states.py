"""What a provider's word does to a delivery."""

from __future__ import annotations

import itertools

import pytest

from notifications.channels.base import News, NewsKind
from notifications.channels.twilio.states import CALLS, MESSAGES, call_news, message_news
from notifications.rules.provider_states import becomes


@pytest.mark.parametrize(
    ("state", "rank", "kind", "word_rank", "expected"),
    [
        ("sent", 2, "delivered", 5, "delivered"),
        ("sending", 0, "delivered", 5, "delivered"),
        ("pending", 0, "delivered", 5, "delivered"),
        ("sent", 2, "progress", 4, "sent"),
        ("sent", 2, "failed", 5, "failed"),
        ("sending", 0, "failed", 5, "failed"),
        ("pending", 0, "failed", 5, "pending"),
        ("sent", 3, "withdrawn", 5, "cancelled"),
        ("sent", 3, "over", 5, "delivered"),
        ("delivered", 4, "over", 5, "delivered"),
        ("delivered", 5, "failed", 5, "delivered"),
        ("delivered", 4, "failed", 5, "delivered"),
        ("failed", 5, "delivered", 6, "failed"),
        ("cancelled", 0, "delivered", 5, "cancelled"),
        ("expired", 0, "failed", 5, "expired"),
        ("sent", 5, "failed", 5, "sent"),
    ],
)
def test_words_move_a_delivery_forward_only(
    state: str, rank: int, kind: NewsKind, word_rank: int, expected: str
) -> None:
    news = News(ref="SM1", word="word", rank=word_rank, kind=kind)
    assert becomes(state=state, rank=rank, news=news) == expected


@pytest.mark.parametrize("order", list(itertools.permutations(["queued", "sent", "delivered"])))
def test_a_message_that_arrived_is_delivered_in_whatever_order_the_words_come(order: tuple[str, ...]) -> None:
    state, rank = "sent", 0
    for word in order:
        news = message_news(ref="SM1", status=word)
        assert news is not None
        state = becomes(state=state, rank=rank, news=news)
        rank = max(rank, news.rank)
    assert state == "delivered"


@pytest.mark.parametrize("last", ["busy", "no-answer", "failed", "canceled"])
def test_a_call_that_ended_stays_ended(last: str) -> None:
    ended = call_news(ref="CA1", status=last)
    ringing = call_news(ref="CA1", status="ringing")
    assert ended is not None
    assert ringing is not None
    state = becomes(state="sent", rank=0, news=ended)
    assert becomes(state=state, rank=ended.rank, news=ringing) == state


def test_only_a_human_counts_as_reached() -> None:
    answered = call_news(ref="CA1", status="in-progress")
    machine = call_news(ref="CA1", status="in-progress", answered_by="machine_end_beep")
    assert answered is not None
    assert answered.kind == "delivered"
    assert machine is not None
    assert (machine.kind, machine.code) == ("failed", "machine_end_beep")


def test_words_nobody_knows_yet_are_no_news() -> None:
    assert call_news(ref="CA1", status="teleported") is None
    assert message_news(ref="SM1", status="") is None


def test_a_number_that_does_not_exist_is_the_addresss_fault() -> None:
    gone = call_news(ref="CA1", status="failed", sip_code="404")
    down = call_news(ref="CA1", status="failed", sip_code="503")
    assert gone is not None
    assert down is not None
    assert (gone.scope, gone.code, down.scope, down.code) == ("address", "404", "", "503")


def test_final_words_are_the_highest() -> None:
    for words in (CALLS, MESSAGES):
        open_ = [rank for rank, kind, _ in words.values() if kind == "progress"]
        final = [rank for rank, kind, _ in words.values() if kind in ("failed", "withdrawn", "over")]
        assert max(open_) < min(final)
