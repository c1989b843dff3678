"""Test ourselves: begin what is due with real messages, and settle it when their receipts are in."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from ledger.actor import Actor
from ledger.operations.append import append
from ledger.rules import JSON
from notifications.channels.registry import UnknownChannel, carrier
from notifications.models import ContactMethod, ContactRule, Delivery, SelfTest, SelfTestRun, Urgency
from notifications.operations.alarm_administrators import alarm_administrators
from notifications.operations.carrier_health import SUBJECT
from notifications.operations.outbox import post
from notifications.rules.self_test import GOOD, WAITS_FOR, Verdict, next_after, verdict
from people.models import Person
from people.queries import on_call_people
from web import live

ENGINE: Final = Actor.system(via="engine")
CAUSE: Final = "self_test"


def begin_self_test(*, now: datetime) -> int:
    """Begin the test if it is due; return 1 if it was. Locks its row; another engine's is left alone."""
    with transaction.atomic():
        test = SelfTest.objects.select_for_update(no_key=True, skip_locked=True).filter(next_at__lte=now).first()
        if test is None:
            return 0
        test.next_at = next_after(now, at=test.at, time_zone=test.time_zone, weekday=test.weekday)
        test.save(update_fields=["next_at"])
        run_self_test(test, by=ENGINE, now=now)
    return 1


def run_self_test(test: SelfTest, *, by: Actor, now: datetime) -> SelfTestRun:
    """Write to the test's person by each way of their low-urgency rules, in that order, each way once.

    Without such rules by every usable way. Where nobody or no way is found, the test has failed at once, and
    administrators are alarmed. Expects the test's lock; locks the ledger's head last.
    """
    person = _person(test, now=now)
    run = SelfTestRun.objects.create(person=person, began_at=now, deadline_at=now + WAITS_FOR)
    methods = _methods(person) if person is not None else []
    if person is None or not methods:
        nobody = _("Nobody is on call for it.") if person is None else _("%(name)s can't be reached by anything.")
        _end(run, passed=False, sentence=nobody % {"name": person.name if person else ""}, now=now)
        return run
    run.deliveries = [each.pk for each in post([_message(method, now=now) for method in methods])]
    run.save(update_fields=["deliveries"])
    channels = ", ".join(each.channel for each in methods)
    payload: dict[str, JSON] = {"person": str(person.pk), "name": person.name, "channels": channels}
    append(subject=SUBJECT, verb="self_test.begun", by=by, now=now, payload=payload)
    live.changed("settings")
    return run


def settle_self_tests(*, now: datetime) -> int:
    """End running tests whose messages are all known of, or whose time is over; return how many ended."""
    ended = 0
    for id_ in list(SelfTestRun.objects.filter(state=SelfTestRun.State.RUNNING).values_list("pk", flat=True)):
        with transaction.atomic():
            running = SelfTestRun.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
            run = running.filter(pk=id_, state=SelfTestRun.State.RUNNING).first()
            ended += run is not None and _settle(run, now=now)
    return ended


def _settle(run: SelfTestRun, *, now: datetime) -> bool:
    deliveries = Delivery.objects.filter(pk__in=run.deliveries).prefetch_related("attempts").order_by("pk")
    found = [(each, _verdict(each, is_over=now >= run.deadline_at)) for each in deliveries]
    if any(each == "waiting" for _delivery, each in found):
        return False
    words = {
        "arrived": _("arrived"),
        "taken": _("taken by the provider, which gives no receipts"),
        "rang": _("rang, nobody picked up"),
        "failed": _("failed"),
        "silent": _("no receipt came"),
    }
    told = [f"{each.channel}: {words[said]}" for each, said in found]
    passed = bool(found) and all(said in GOOD for _delivery, said in found)
    _end(run, passed=passed, sentence="; ".join(told), now=now)
    return True


def _verdict(delivery: Delivery, *, is_over: bool) -> Verdict:
    try:
        has_receipts = carrier(delivery.channel, delivery.provider).has_receipts
    except UnknownChannel:
        has_receipts = False
    results = [attempt.result for attempt in delivery.attempts.all()]
    return verdict(state=delivery.state, results=results, has_receipts=has_receipts, is_over=is_over)


def _end(run: SelfTestRun, *, passed: bool, sentence: str, now: datetime) -> None:
    run.state = SelfTestRun.State.PASSED if passed else SelfTestRun.State.FAILED
    run.sentence, run.ended_at = sentence[:500], now
    run.save(update_fields=["state", "sentence", "ended_at"])
    if not passed:
        alarm = _("The self-test of message delivery failed. %(sentence)s") % {"sentence": sentence}
        alarm_administrators(cause=CAUSE, sentence=alarm, now=now)
    payload: dict[str, JSON] = {"person": str(run.person_id or ""), "run": run.pk, "sentence": run.sentence}
    append(subject=SUBJECT, verb=f"self_test.{run.state}", by=ENGINE, now=now, payload=payload)
    live.changed("settings")


def _person(test: SelfTest, *, now: datetime) -> Person | None:
    if test.schedule_id is not None:
        return next(iter(on_call_people(test.schedule_id, now)), None)
    return test.person if test.person is not None and test.person.is_active else None


def _methods(person: Person) -> list[ContactMethod]:
    rules = ContactRule.objects.filter(person=person, urgency=Urgency.LOW).select_related("contact_method")
    ordered = [rule.contact_method for rule in rules.order_by("delay_s", "pk")]
    ordered = ordered or list(ContactMethod.objects.filter(person=person).order_by("created_at", "pk"))
    return [method for method in dict.fromkeys(ordered) if method.usable]


def _message(method: ContactMethod, *, now: datetime) -> Delivery:
    return Delivery(
        person_id=method.person_id,
        contact_method=method,
        kind=Delivery.Kind.TEST,
        channel=method.channel,
        address=method.address,
        content={
            "headline": _("Self-test"),
            "sentence": _("Muster tests whether its messages arrive. Nothing is wrong; you need not answer."),
        },
        urgency=Urgency.LOW,
        severity=4,
        not_before=now,
        created_at=now,
        expires_at=now + WAITS_FOR,
    )
