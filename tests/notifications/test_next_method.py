"""A contact method failed: the next one at once; none left: the next person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.models import Delivery, Page
from notifications.operations.acknowledge import acknowledge
from notifications.operations.next_method import bring_forward
from people.models import Person
from tests.builders import NOW, add_rule, by, make_method, make_page, make_person, make_policy
from tests.notifications.watching import advance, called, states, verbs

pytestmark = pytest.mark.django_db


def fail(page: Page, channel: str, **changes: object) -> None:
    """Let the provider refuse the message on this channel for good, as the sender records it."""
    failed = {"state": "failed", "tries": 1, "ended_at": NOW} | changes
    assert Delivery.objects.filter(page=page, channel=channel).update(**failed)


def next_one(page: Page, person: Person, *, minutes: float = 1) -> Delivery | None:
    page.refresh_from_db()
    return bring_forward(page=page, person=person, now=NOW + timedelta(minutes=minutes))


def otto_and_mia() -> tuple[Person, Page]:
    otto = make_person("Otto", methods=["sms"])
    add_rule(make_method(otto, "voice"), delay_s=600)
    page = make_page(make_policy((900, [otto]), (300, [make_person("Mia", methods=["sms"])])))
    advance()
    return otto, page


def test_the_next_pending_message_leaves_now() -> None:
    otto, page = otto_and_mia()
    fail(page, "sms")
    brought = next_one(page, otto)
    assert brought is not None
    assert called(page) == [("Otto", "sms", 0), ("Otto", "voice", 1)]


def test_a_message_that_waits_for_its_own_retry_is_not_hurried() -> None:
    otto, page = otto_and_mia()
    later = NOW + timedelta(minutes=3)
    fail(page, "sms", state="pending", ended_at=None, not_before=later)
    brought = next_one(page, otto)
    assert brought is not None
    assert brought.channel == "voice"
    assert Delivery.objects.get(page=page, channel="sms").not_before == later


def test_a_method_without_rule_is_used_when_the_rules_are_used_up() -> None:
    otto, page = otto_and_mia()
    make_method(otto, "email", verified=False)
    make_method(otto, "webhook")
    fail(page, "sms")
    fail(page, "voice")
    brought = next_one(page, otto)
    assert brought is not None
    assert (brought.channel, brought.level, brought.round) == ("webhook", 1, 1)
    fail(page, "webhook")
    last = next_one(page, otto)
    assert last is not None
    assert last.channel == "email"
    assert states(page) == {"Otto": "called"}


def test_with_nothing_left_they_are_unreachable_and_the_next_level_is_called_at_once() -> None:
    otto, page = otto_and_mia()
    fail(page, "sms")
    fail(page, "voice")
    assert next_one(page, otto) is None
    page.refresh_from_db()
    assert page.trouble == "Otto could not be reached by any contact method."
    assert verbs(page) == ["started", "called", "trouble"]
    advance(1)
    assert states(page) == {"Otto": "unreachable", "Mia": "called"}


def test_a_colleague_of_the_level_keeps_their_time() -> None:
    otto, olga = make_person("Otto", methods=["voice"]), make_person("Olga", methods=["sms"])
    page = make_page(make_policy((900, [otto, olga]), (300, [make_person("Mia")])))
    advance()
    fail(page, "voice")
    next_one(page, otto)
    assert advance(1) == 0
    assert states(page) == {"Otto": "unreachable", "Olga": "called"}


@pytest.mark.parametrize("state", ["sent", "delivered", "sending"])
def test_while_a_message_is_with_them_they_may_still_answer(state: str) -> None:
    otto, page = otto_and_mia()
    lease = {"lease_until": NOW} if state == "sending" else {}
    fail(page, "sms", state=state, ended_at=None, **lease)
    fail(page, "voice")
    assert next_one(page, otto) is None
    assert states(page) == {"Otto": "called"}
    assert advance(1) == 0


def test_who_answered_gets_nothing_more() -> None:
    otto, page = otto_and_mia()
    acknowledge(page_id=page.pk, person=otto, by=by(otto), now=NOW)
    make_method(otto, "email")
    assert next_one(page, otto) is None
    assert states(page) == {"Otto": "acknowledged"}
    assert len(called(page)) == 2
