"""A provider that takes one call a second: who goes first, who goes another way, and that nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from engine import duties
from notifications.channels.base import Limits
from notifications.models import Carrier as CarrierRow
from notifications.models import Delivery, Page
from notifications.operations.acknowledge import acknowledge
from notifications.operations.claim_deliveries import claim
from notifications.operations.send_delivery import send_claimed
from notifications.operations.sweep_deliveries import to_send
from tests.builders import NOW, add_rule, by, make_method, make_page, make_person
from tests.notifications.carriers import Carrier, carriers_of
from tests.notifications.watching import advance

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def line() -> Carrier:
    """One call a second."""
    return Carrier("voice", "line", limits=Limits(per_s=1.0))


@pytest.fixture(autouse=True)
def carriers(line: Carrier) -> Iterator[None]:
    """Let it be the only provider of calls, beside one of texts."""
    with carriers_of("voice", line), carriers_of("sms", Carrier("sms", "texts")):
        yield


def queued(count: int, *, severity: int = 3, urgency: str = "high", text_after_s: int = 600) -> list[Delivery]:
    """Page so many people by a call now and a text later; return the calls, oldest first."""
    pages = []
    for _ in range(count):
        ada = make_person("Ada", methods=[])
        add_rule(make_method(ada, "voice"), urgency=urgency)
        add_rule(make_method(ada, "sms"), urgency=urgency, delay_s=text_after_s)
        pages.append(make_page(ada, severity=severity, urgency=urgency))
    advance()
    return list(Delivery.objects.filter(page__in=pages, channel="voice").order_by("pk"))


def claimed(deliveries: list[Delivery], *, now: datetime) -> list[int]:
    """Come with these deliveries; return which were claimed."""
    return [each.id for each in claim([each.pk for each in deliveries], now=now)]


def at(seconds: float) -> datetime:
    """Return the moment so many seconds after the start."""
    return NOW + timedelta(seconds=seconds)


def test_one_goes_each_second_the_most_urgent_first_whoever_comes(line: Carrier) -> None:
    low, minor, major, worst = (
        queued(1, severity=severity, urgency=urgency)[0]
        for severity, urgency in ((1, "low"), (3, "high"), (2, "high"), (1, "high"))
    )
    came_with = [minor, low, major, worst]
    assert claimed([low], now=at(1)) == [worst.pk], "who comes with the least takes the most urgent"
    assert claimed(came_with, now=at(1.5)) == []
    assert claimed(came_with, now=at(2)) == [major.pk]
    assert claimed(came_with, now=at(10)) == [minor.pk], "idle seconds are not saved up"
    assert claimed(came_with, now=at(11)) == [low.pk]
    assert set(Delivery.objects.filter(channel="voice").values_list("provider", flat=True)) == {line.provider}


def test_after_the_clock_was_set_back_calls_go_on() -> None:
    first, second, third = queued(3)
    assert claimed([first], now=at(3600)) == [first.pk]
    # An hour back, for everything that knew the time. The turn that is written lies an hour ahead.
    assert to_send(now=at(1))[0]
    assert claimed([second, third], now=at(1)) == [second.pk]
    assert claimed([third], now=at(1.5)) == []
    assert claimed([third], now=at(2)) == [third.pk]


def test_of_many_senders_on_many_hosts_one_gets_the_turn() -> None:
    calls = queued(8)
    begin = threading.Barrier(4)
    got: list[int] = []

    def come() -> None:
        begin.wait()
        got.extend(claimed(calls, now=at(1)))
        connection.close()

    senders = [threading.Thread(target=come) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(got) == 1


def test_a_queue_of_calls_delays_no_text() -> None:
    queued(12, severity=1, text_after_s=0)
    texts = set(Delivery.objects.filter(channel="sms").values_list("pk", flat=True))
    assert claim(list(Delivery.objects.values_list("pk", flat=True)), now=at(0.1), limit=1)
    waiting, pause_s = to_send(now=at(5))
    assert pause_s == 0
    assert texts - set(waiting) <= set(Delivery.objects.exclude(state="pending").values_list("pk", flat=True))


def test_where_nobody_waits_the_engine_asks_once_about_turns() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert to_send(now=at(1)) == ([], None)
    assert len(queries) == 2
    with CaptureQueriesContext(connection) as queries:
        assert duties.run_once("turns", now=at(1)) == 0
    assert len(queries) == 1


def test_whoever_would_wait_too_long_gets_their_next_way_at_once_and_keeps_their_place() -> None:
    calls = queued(40)
    assert duties.run_once("turns", now=at(1)) == 10
    overtaken = list(Delivery.objects.exclude(overtaken_at=None).order_by("pk"))
    assert [each.pk for each in overtaken] == [each.pk for each in calls[30:]]
    assert {each.state for each in overtaken} == {"pending"}
    at_once = Delivery.objects.filter(channel="sms", not_before__lte=at(1))
    assert {each.person_id for each in at_once} == {each.person_id for each in overtaken}
    assert duties.run_once("turns", now=at(1)) == 0, "once for each message"


def test_nobody_waits_for_a_turn_at_a_provider_that_keeps_failing(line: Carrier) -> None:
    calls = queued(3)
    CarrierRow.objects.create(kind="voice", provider=line.provider, state="open", probe_at=at(600))
    assert duties.run_once("turns", now=at(1)) == 3
    assert Delivery.objects.filter(channel="sms", not_before__lte=at(1)).count() == 3
    assert claimed(calls, now=at(1)) == [calls[0].pk], "it is tried all the same"


def test_a_second_provider_is_used_as_soon_as_somebody_would_wait_too_long(line: Carrier) -> None:
    other = Carrier("voice", "other", limits=Limits(per_s=1.0))
    with carriers_of("voice", line, other):
        few = queued(5)
        assert [each.provider for each in claim([each.pk for each in few], now=at(1))] == ["line"]
        many = queued(40)
        assert sorted(each.provider for each in claim([each.pk for each in many], now=at(2))) == ["line", "other"]
        assert duties.run_once("turns", now=at(2)) == 0, "both together are fast enough"


def test_what_is_not_needed_any_more_takes_no_turn() -> None:
    ended, merged, wanted = queued(3)
    Page.objects.filter(deliveries=ended).update(state="cancelled", cancel_reason="resolved", ended_at=NOW)
    ada = merged.person
    with transaction.atomic():
        acknowledge(page_id=str(merged.page_id), person=ada, by=by(ada), now=NOW)
    assert claimed([ended], now=at(1)) == [wanted.pk]
    states = dict(Delivery.objects.filter(channel="voice").values_list("pk", "state"))
    assert states == {ended.pk: "cancelled", merged.pk: "cancelled", wanted.pk: "sending"}


@given(order=st.lists(st.tuples(st.sampled_from([1, 2, 3, 4]), st.booleans()), min_size=1, max_size=7))
@how(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_waits_all_of_it_leaves_and_nothing_before_something_worse(
    line: Carrier, order: list[tuple[int, bool]]
) -> None:
    Delivery.objects.filter(state="pending").update(state="cancelled")
    CarrierRow.objects.all().delete()
    line.sent.clear()
    for severity, urgent in order:
        queued(1, severity=severity, urgency="high" if urgent else "low")
    calls = list(Delivery.objects.filter(state="pending", channel="voice"))
    began = max(each.created_at for each in calls) + timedelta(hours=len(calls))
    Delivery.objects.filter(state="pending", channel="voice").update(not_before=began)
    for second in range(len(calls)):
        for each in claim([calls[-1].pk, *(each.pk for each in calls)], now=began + timedelta(seconds=second)):
            send_claimed(each)
    left = [("high" if each.urgency == "high" else "low", each.severity) for each in line.sent]
    assert len(left) == len(order)
    assert left == sorted(left, key=lambda each: (each[0] != "high", each[1]))
