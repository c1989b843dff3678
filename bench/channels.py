"""300 leaders paged at once over slow and failing providers: everybody is reached by some method, the worst first."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final

from bench import company
from bench.figures import say, verdict
from bench.product import Client, Product, running
from bench.text_peer import TextPeer, text_peer

LEADERS: Final = 300
SEVERITIES: Final = 3
DEAD_FROM_S: Final = 3.0
DEAD_FOR_S: Final = 60.0
WATCHED_S: Final = 110.0
"""Past the provider's dead minute, long enough to see it used again."""
LONGEST_S: Final = 45.0
"""A wait of at most 30 s for a turn, one try that hangs, and what a busy machine adds."""
MOST_CALLS_PER_S: Final = 1.02
"""One a second, and what the way from the turn to the provider's ear adds at both ends."""

# A receipt where the channel has one; else that the provider took it. Each person has one page.
_REACHED: Final = """
SELECT d.person_id, d.channel, d.provider, coalesce(d.delivered_at, d.sent_at) FROM notifications_delivery d
JOIN notifications_page p ON p.id = d.page_id WHERE p.title LIKE 'Bench leaders%%'
    AND (d.state = 'delivered' OR (d.state = 'sent' AND (d.channel = 'email' OR d.provider = 'http')))
"""
# Urgent messages that ended without having gone out, though their page still called somebody.
_DROPPED: Final = """
SELECT d.channel, d.state, d.reason FROM notifications_delivery d JOIN notifications_page p ON p.id = d.page_id
WHERE p.title LIKE 'Bench leaders%%' AND d.urgency = 'high' AND p.state = 'paging'
    AND (d.state IN ('expired', 'cancelled') OR (d.state = 'failed' AND d.tries = 0))
"""
_ENDED: Final = """
SELECT count(*) FROM notifications_delivery d JOIN notifications_page p ON p.id = d.page_id
WHERE p.title LIKE 'Bench leaders%%' AND d.state = 'cancelled' AND p.state <> 'paging'
"""
_AFTER_END: Final = """
SELECT count(*) FROM notifications_delivery d JOIN notifications_page p ON p.id = d.page_id
WHERE p.title LIKE 'Bench leaders%%' AND p.state = 'acknowledged' AND d.kind = 'page' AND d.state = 'pending'
"""


@dataclass(frozen=True)
class Leader:
    """One person, their number, and how severe what they are paged for is."""

    id: Any
    number: str
    severity: int


def measure() -> None:
    """Measure it on a product of its own, with a second provider for texts."""
    with text_peer() as second, running(CHANNEL_RATES="voice/twilio=1", **second.settings()) as product:
        company.connect(product)
        leaders = _leaders()
        peer = Client(product.simulator)
        peer.put("/api/script", _alive(leaders))
        began = _page(leaders)
        _watch(peer, leaders, began=began)
        kept = _reached(leaders, second, began=began) + _in_order(product, leaders) + _nothing_lost()
    if not all(kept):
        raise SystemExit("bench channels: a promise was not kept.")


def _leaders() -> list[Leader]:
    """Create them: called at once, texted after two minutes, mailed after five."""
    from django.db import transaction

    from notifications.models import ContactMethod, ContactRule
    from people.models import Person

    now = datetime.now(tz=UTC)
    with transaction.atomic():
        people = Person.objects.bulk_create(
            Person(email=f"leader{n}@bench.example", name=f"Leader {n}") for n in range(LEADERS)
        )
        numbers = [f"+1206556{n:04d}" for n in range(LEADERS)]
        for channel, delay_s in (("voice", 0), ("sms", 120), ("email", 300)):
            methods = ContactMethod.objects.bulk_create(
                ContactMethod(
                    person=person,
                    channel=channel,
                    address=person.email if channel == "email" else number,
                    verified_at=now,
                )
                for person, number in zip(people, numbers, strict=True)
            )
            ContactRule.objects.bulk_create(
                ContactRule(person=each.person, urgency="high", contact_method=each, delay_s=delay_s)
                for each in methods
            )
    # The least severe come first in the list: the order has to be made, not kept.
    return [
        Leader(person.pk, number, SEVERITIES - n % SEVERITIES)
        for n, (person, number) in enumerate(zip(people, numbers, strict=True))
    ]


def _page(leaders: list[Leader]) -> float:
    """Page them all in one transaction; return when it was committed, as time.time() tells it."""
    from django.db import transaction

    from engine import clock
    from ledger.actor import Actor
    from notifications.operations.start_page import PageRequest, start_pages
    from notifications.queries import freeze_person
    from people.models import Person

    people = Person.objects.in_bulk([each.id for each in leaders])
    requests = [
        PageRequest(
            policy=freeze_person(people[each.id], rounds=1, delay_s=900),
            title=f"Bench leaders {number}",
            severity=each.severity,
        )
        for number, each in enumerate(leaders)
    ]
    with transaction.atomic():
        start_pages(requests, by=Actor.system(), now=clock.now())
    return time.time()


def _alive(leaders: list[Leader]) -> dict[str, Mapping[str, Any]]:
    """Return how the provider and the phones behave: 10 % refused once with 429, 5 % hang once longer than we wait.

    Half of the people press a key or text back.
    """
    script: dict[str, Mapping[str, Any]] = {}
    for n, each in enumerate(leaders):
        behaviour: dict[str, Any] = {"answer": "1" if n % 2 == 0 else True, "delay_s": 1.0}
        if n % 2 == 0:
            behaviour["reply"] = "1"
        if n % 10 == 1:
            behaviour |= {"http": [429], "retry_after_s": 2}
        if n % 20 == 3:
            behaviour |= {"hang_s": 8.0, "count": 1}
        script[each.number] = behaviour
    return script


def _watch(peer: Client, leaders: list[Leader], *, began: float) -> None:
    """Let the provider die and come back, and wait until the watched time is over."""
    dead = {each.number: {"http": 503} for each in leaders}
    for at_s, script in ((DEAD_FROM_S, dead), (DEAD_FROM_S + DEAD_FOR_S, _alive(leaders))):
        time.sleep(max(0.0, began + at_s - time.time()))
        peer.put("/api/script", script)
    time.sleep(max(0.0, began + WATCHED_S - time.time()))


def _reached(leaders: list[Leader], second: TextPeer, *, began: float) -> list[bool]:
    """Say by which method and how soon everybody was reached."""
    first: dict[Any, tuple[float, str]] = {}
    for person, channel, provider, at in _rows(_REACHED):
        if person not in first or at.timestamp() < first[person][0]:
            first[person] = (at.timestamp(), f"{channel} by {provider}")
    waits = sorted(at - began for at, _ in first.values()) or [float("inf")]
    by_method = Counter(method for _, method in first.values())
    say("  first reached by: " + ", ".join(f"{method} {count}" for method, count in by_method.most_common()))
    say(f"  reached: first {waits[0]:.1f} s, half {waits[len(waits) // 2]:.1f} s, last {waits[-1]:.1f} s")
    say(f"  {len(second.texts)} texts by the second provider; {_rows(_ENDED)[0][0]} messages not needed any more")
    goal = f"<= {LONGEST_S:.0f} s"
    return [
        verdict("reached", reached=len(first) == LEADERS == len(leaders), figure=f"{len(first)}", goal=f"{LEADERS}"),
        verdict("last reached", reached=waits[-1] <= LONGEST_S, figure=f"{waits[-1]:.1f} s", goal=goal),
    ]


def _nothing_lost() -> list[bool]:
    """Say whether an urgent message was dropped, whether one waits for nothing, and how the provider stands."""
    dropped = _rows(_DROPPED)
    for channel, state, reason in dropped[:5]:
        say(f"  dropped: {channel} {state}: {reason}")
    (left,) = _rows(_AFTER_END)[0]
    (opened,) = _rows("SELECT count(*) FROM notifications_carrier WHERE kind = 'voice' AND state = 'open'")[0]
    return [
        verdict("no urgent message dropped", reached=not dropped, figure=str(len(dropped)), goal="0"),
        verdict("nothing waits for who has answered", reached=left == 0, figure=str(left), goal="0"),
        verdict("calls go by the provider again", reached=opened == 0, figure=f"{opened} passed over", goal="0"),
    ]


def _calls(product: Product) -> list[tuple[float, str]]:
    """Return when which number was tried by a call, whatever the provider answered, in order."""
    items = Client(product.simulator).get("/api/requests?limit=10000")["items"]
    tried = [(datetime.fromisoformat(each["received_at"]).timestamp(), each["to"], each["kind"]) for each in items]
    return sorted((at, to) for at, to, kind in tried if kind == "call")


def _in_order(product: Product, leaders: list[Leader]) -> list[bool]:
    """Say whether everybody's first call came after those of all who are paged for something worse, one a second."""
    severity = {each.number: each.severity for each in leaders}
    calls = [(at, number) for at, number in _calls(product) if number in severity]
    firsts = list(dict.fromkeys(number for _, number in calls))
    violations = sum(severity[later] < severity[earlier] for earlier, later in pairwise(firsts))
    seconds = calls[-1][0] - calls[0][0] if len(calls) > 1 else 1.0
    rate = (len(calls) - 1) / seconds
    figure = f"{violations} of {len(firsts)} first calls"
    return [
        verdict("order by severity", reached=not violations and len(firsts) > 0, figure=figure, goal="0"),
        verdict("calls a second", reached=rate <= MOST_CALLS_PER_S, figure=f"{rate:.2f}, {len(calls)}", goal="<= 1"),
    ]


def _rows(sql: str) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
