"""Status callbacks shuffled, doubled and late: a delivery only ever goes forward."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifications.channels.twilio.states import CALLS, MESSAGES, call_news, message_news
from notifications.models import Attempt, Delivery
from notifications.operations.record_callback import record_callback
from tests.builders import NOW, make_page, make_person
from tests.notifications.watching import advance

pytestmark = pytest.mark.django_db

UNHURRIED = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def tellings(words: list[str]) -> st.SearchStrategy[list[tuple[str, int]]]:
    """Return words in any order, some of them twice, some about the try before this one."""
    told = st.tuples(st.sampled_from(words), st.sampled_from([2, 2, 2, 1]))
    return st.lists(told, min_size=1, max_size=8).flatmap(lambda some: st.permutations([*some, *some[:3]]))


def sent(channel: str) -> Delivery:
    """Page somebody new and let the provider take it at the second try."""
    page = make_page(make_person("Ada", methods=[channel]))
    advance()
    delivery = Delivery.objects.get(page=page)
    Delivery.objects.filter(pk=delivery.pk).update(state="sent", sent_at=NOW, fence=2, provider_ref="X1", tries=2)
    delivery.refresh_from_db()
    return delivery


def follow(delivery: Delivery, told: list[tuple[str, int]], *, channel: str) -> None:
    """Tell the words one after the other; after each the delivery has gone forward or stayed."""
    ranks = CALLS if channel == "voice" else MESSAGES
    highest = 0
    for word, fence in told:
        before = delivery.provider_rank
        news = (
            call_news(ref="X1", status=word)
            if channel == "voice"
            else message_news(ref="X1", status=word, error_code="30003" if word in ("failed", "undelivered") else "")
        )
        assert news is not None
        key = f"{delivery.pk}:{word}:{fence}"
        record_callback(provider="twilio", delivery_id=delivery.pk, fence=fence, news=news, key=key, now=NOW)
        delivery.refresh_from_db()
        if fence == delivery.fence:
            highest = max(highest, ranks[word][0])
        assert before <= delivery.provider_rank == highest
    results = Attempt.objects.filter(delivery=delivery).count()
    assert results == len(set(told)), "each word is kept once, whatever it changed"


@given(told=tellings(sorted(MESSAGES)))
@UNHURRIED
def test_a_texts_callbacks(told: list[tuple[str, int]]) -> None:
    delivery = sent("sms")
    follow(delivery, told, channel="sms")
    final = [word for word, fence in told if fence == 2 and MESSAGES[word][0] >= 5]
    if not final:
        assert delivery.state == "sent"
    elif final[0] in ("delivered", "read"):
        assert delivery.state == "delivered", "nothing that comes after takes it back"
    else:
        assert delivery.state in ("failed", "cancelled", "delivered")


@given(told=tellings(sorted(CALLS)))
@UNHURRIED
def test_a_calls_callbacks(told: list[tuple[str, int]]) -> None:
    delivery = sent("voice")
    follow(delivery, told, channel="voice")
    counted = [CALLS[word][0] for word, fence in told if fence == 2]
    if max(counted, default=0) < 4:
        assert delivery.state == "sent"
