"""A kind of message with two providers: who gets it when the first one fails, is held up or is passed over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from engine import duties
from ledger.queries import entries
from notifications.channels.base import (
    ChannelFailure,
    Limits,
    News,
    OutcomeUnknown,
    PermanentFailure,
    TemporaryFailure,
)
from notifications.models import Attempt, Delivery, Page
from notifications.models import Carrier as CarrierRow
from notifications.operations.send_delivery import send_delivery
from tests.builders import NOW, add_rule, make_method, make_page, make_person, make_policy
from tests.notifications.carriers import Carrier, carriers_of
from tests.notifications.watching import advance, states

pytestmark = pytest.mark.django_db(transaction=True)

BUSY = TemporaryFailure("Too many requests.", code="429")


@pytest.fixture
def first() -> Carrier:
    """The provider that is tried first."""
    return Carrier("sms", "first", limits=Limits(late_s=30.0))


@pytest.fixture
def second() -> Carrier:
    """The one that is tried next."""
    return Carrier("sms", "second")


@pytest.fixture(autouse=True)
def both(first: Carrier, second: Carrier) -> Iterator[None]:
    """Let them be the providers of texts."""
    with carriers_of("sms", first, second):
        yield


def texted(*, urgency: str = "high") -> tuple[Page, Delivery, Delivery]:
    """Page Ada by a text now and a call in ten minutes; return the page, the text and the call."""
    ada = make_person("Ada", methods=[])
    add_rule(make_method(ada, "sms"), urgency=urgency)
    add_rule(make_method(ada, "voice"), urgency=urgency, delay_s=600)
    page = make_page(ada, urgency=urgency)
    advance()
    text, call = Delivery.objects.filter(page=page).order_by("not_before")
    return page, text, call


def send(delivery: Delivery, *, now: datetime = NOW) -> Delivery:
    """Send it and return it as it is then."""
    send_delivery(delivery.pk, now=now)
    delivery.refresh_from_db()
    return delivery


def attempts(delivery: Delivery) -> list[tuple[str, str]]:
    """Return (provider, result) of each attempt."""
    return list(Attempt.objects.filter(delivery=delivery).values_list("provider", "result"))


@pytest.mark.parametrize(
    "failure",
    [
        BUSY,
        TemporaryFailure("Come back later.", code="503", retry_after_s=60),
        PermanentFailure("The account is closed.", scope="configuration", code="20003"),
    ],
)
def test_an_urgent_message_goes_to_the_next_provider_at_once_and_the_next_way_waits(
    first: Carrier, second: Carrier, failure: ChannelFailure
) -> None:
    _, text, call = texted()
    first.answers = [failure]
    send(text)
    assert (text.state, text.provider, text.repeated) == ("pending", "second", False)
    assert text.not_before < NOW + timedelta(seconds=5), "at once, whatever the first one wished"
    send(text, now=text.not_before)
    call.refresh_from_db()
    assert (text.state, text.provider_ref) == ("sent", "second-1")
    assert [provider for provider, _ in attempts(text)] == ["first", "second"]
    assert len(second.sent) == 1
    assert call.not_before == NOW + timedelta(minutes=10)


def test_when_each_provider_has_failed_the_next_way_goes_at_once_and_the_first_is_tried_again(
    first: Carrier, second: Carrier
) -> None:
    _, text, call = texted()
    first.answers, second.answers = [BUSY], [BUSY]
    send(text)
    send(text, now=text.not_before)
    call.refresh_from_db()
    assert call.not_before < NOW + timedelta(seconds=10)
    assert (text.state, text.provider) == ("pending", "first")
    assert text.not_before > NOW + timedelta(seconds=2)
    send(text, now=text.not_before)
    assert text.state == "sent"
    assert [provider for provider, _ in attempts(text)] == ["first", "second", "first"]


def test_what_is_wrong_with_the_number_is_wrong_everywhere(first: Carrier, second: Carrier) -> None:
    _, text, call = texted()
    first.answers = [PermanentFailure("No such number.", scope="address", code="21211")]
    send(text)
    call.refresh_from_db()
    assert text.state == "failed"
    assert second.sent == []
    assert call.not_before < NOW + timedelta(seconds=5)


def test_an_unknown_outcome_is_waited_for_and_then_goes_on_marked(first: Carrier, second: Carrier) -> None:
    _, text, call = texted()
    first.answers = [OutcomeUnknown("No answer.", code="no_answer")]
    send(text)
    call.refresh_from_db()
    assert (text.state, text.provider, text.repeated) == ("pending", "second", True)
    assert NOW + timedelta(seconds=20) <= text.not_before < NOW + timedelta(seconds=25)
    assert call.not_before < NOW + timedelta(seconds=5), "meanwhile another way"
    send(text, now=text.not_before)
    assert second.sent[0].repeated


def test_what_nobody_is_woken_for_stays_with_its_provider(first: Carrier, second: Carrier) -> None:
    _, text, _call = texted(urgency="low")
    first.answers = [BUSY]
    send(text)
    assert (text.state, text.provider) == ("pending", "first")
    assert text.not_before >= NOW + timedelta(seconds=2)
    assert second.sent == []


def test_a_message_that_is_held_up_goes_by_the_next_provider_and_the_first_is_told_to_stop(
    first: Carrier, second: Carrier
) -> None:
    _, text, call = texted()
    send(text)
    assert text.state == "sent"
    later = NOW + timedelta(seconds=40)
    duties.run_once("receipts", now=later)
    text.refresh_from_db()
    call.refresh_from_db()
    assert (text.state, text.provider, text.repeated) == ("pending", "second", True)
    assert first.withdrawn == ["first-1"]
    send(text, now=later)
    assert (text.state, len(second.sent)) == ("sent", 1)
    assert call.not_before == NOW + timedelta(minutes=10)
    assert ("first", "no_receipt") in attempts(text)


def test_a_provider_that_can_not_be_asked_holds_nobody_up(first: Carrier, second: Carrier) -> None:
    _, text, _call = texted()
    send(text)
    first.word = TemporaryFailure("Not reachable.", code="unreachable")
    duties.run_once("receipts", now=NOW + timedelta(seconds=40))
    text.refresh_from_db()
    assert (text.state, text.provider) == ("pending", "second")
    del second


@pytest.mark.parametrize("asked", [True, False])
def test_what_the_provider_has_passed_on_is_not_held_up_also_when_it_can_not_be_asked(
    second: Carrier, *, asked: bool
) -> None:
    third = Carrier("sms", "first", limits=Limits(late_s=30.0, passed_on=4))
    with carriers_of("sms", third, second):
        _, text, call = texted()
        send(text)
        if asked:
            third.word = News(ref="first-1", word="sent", rank=4, kind="progress", check_after_s=60.0)
        else:
            Delivery.objects.filter(pk=text.pk).update(provider_rank=4)
            third.word = TemporaryFailure("Not reachable.", code="unreachable")
        duties.run_once("receipts", now=NOW + timedelta(seconds=40))
    text.refresh_from_db()
    call.refresh_from_db()
    assert (text.state, text.provider, call.not_before) == ("sent", "first", NOW + timedelta(minutes=10))
    assert ("first", "no_receipt") not in attempts(text)


def test_a_provider_whose_messages_never_leave_is_passed_over(first: Carrier) -> None:
    texts = [texted()[1] for _ in range(5)]
    for text in texts:
        assert send(text).provider == "first"
    duties.run_once("receipts", now=NOW + timedelta(seconds=40))
    row = CarrierRow.objects.get(kind="sms", provider="first")
    assert (row.state, "do not leave" in row.reason) == ("open", True)
    assert {each.provider for each in Delivery.objects.filter(channel="sms")} == {"second"}
    assert len(first.withdrawn) == 5


def test_what_was_confirmed_meanwhile_is_not_sent_again(first: Carrier, second: Carrier) -> None:
    _, text, _call = texted()
    send(text)
    first.word = News(ref="first-1", word="delivered", rank=5, kind="delivered")
    duties.run_once("receipts", now=NOW + timedelta(seconds=40))
    text.refresh_from_db()
    assert text.state == "delivered"
    assert second.sent == []


def fail_often(first: Carrier, count: int = 5) -> None:
    """Let so many urgent texts fail at the first provider."""
    first.answers = [BUSY] * count
    for _ in range(count):
        _, text, _call = texted()
        send(text)


def test_a_provider_that_keeps_failing_is_passed_over_told_about_and_tried_again_by_a_real_message(
    first: Carrier, second: Carrier
) -> None:
    make_person("Alma", methods=["email"])
    fail_often(first)
    row = CarrierRow.objects.get(kind="sms", provider="first")
    assert row.state == "open"
    assert [entry.verb for entry in entries("settings:delivery")] == ["carrier.opened"]
    alarms = Delivery.objects.filter(kind="alarm")
    assert alarms.count() == 1
    assert "first" in alarms.get().content["sentence"]

    _, text, _call = texted()
    assert send(text).provider == "second"
    assert first.sent == []

    assert row.probe_at is not None
    _, probing, _call = texted()
    assert send(probing, now=row.probe_at).provider == "first"
    row.refresh_from_db()
    assert (row.state, len(first.sent)) == ("closed", 1)
    assert [entry.verb for entry in entries("settings:delivery")] == ["carrier.opened", "carrier.closed"]


def test_a_failed_probe_goes_on_to_the_next_provider_and_the_breaker_stays_open(
    first: Carrier, second: Carrier
) -> None:
    fail_often(first, 5)
    row = CarrierRow.objects.get(kind="sms", provider="first")
    assert row.probe_at is not None
    first.always = BUSY
    _, probing, _call = texted()
    send(probing, now=row.probe_at)
    assert (probing.state, probing.provider) == ("pending", "second")
    assert send(probing, now=probing.not_before).state == "sent"
    again = CarrierRow.objects.get(kind="sms", provider="first")
    assert again.state == "open"
    assert again.probe_at is not None
    assert again.probe_at >= row.probe_at + timedelta(seconds=30)
    assert len(second.sent) == 1


def test_with_every_provider_passed_over_the_best_one_is_used_all_the_same(first: Carrier, second: Carrier) -> None:
    later = NOW + timedelta(minutes=5)
    for provider in ("first", "second"):
        CarrierRow.objects.create(kind="sms", provider=provider, state="open", probe_at=later)
    _, text, _call = texted()
    assert send(text).state == "sent"
    assert (len(first.sent), len(second.sent)) == (1, 0)
    assert CarrierRow.objects.get(provider="first").state == "closed", "it took a message: it works again"


@pytest.mark.parametrize("passed_over", ["before", "later"])
def test_with_every_provider_dead_the_next_level_is_called_at_once_and_trying_goes_on(
    first: Carrier, second: Carrier, passed_over: str
) -> None:
    def pass_both_over() -> None:
        for provider in ("first", "second"):
            probe_at = NOW + timedelta(hours=1)
            CarrierRow.objects.create(kind="sms", provider=provider, state="open", probe_at=probe_at)

    first.always = second.always = BUSY
    otto, mia = make_person("Otto", methods=["sms"]), make_person("Mia", methods=["sms"])
    page = make_page(make_policy((900, [otto]), (300, [mia])))
    advance()
    (text,) = Delivery.objects.filter(page=page)
    if passed_over == "before":
        pass_both_over()
    for _ in range(2):
        send(text, now=text.not_before)
    if passed_over == "later":
        assert states(page) == {"Otto": "called"}, "one bad moment of both is waited out"
        pass_both_over()
        send(text, now=text.not_before)
    duties.run_once("pages", now=text.not_before)
    assert states(page) == {"Otto": "unreachable", "Mia": "called"}
    assert text.state == "pending"
    first.always = second.always = None
    assert send(text, now=text.not_before).state == "sent"


def test_few_failures_among_many_pass_nobody_over(first: Carrier) -> None:
    first.answers = [BUSY, None, None, BUSY, None, None, BUSY, None, None, BUSY]
    for _ in range(10):
        _, text, _call = texted()
        send(text)
    assert not CarrierRow.objects.filter(state="open").exists()
