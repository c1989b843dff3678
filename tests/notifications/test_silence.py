"""Acknowledged, then silence: a reminder, then the page itself; snoozing; activity that breaks the silence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from notifications.models import Delivery, Page
from notifications.operations.acknowledge import acknowledge
from notifications.operations.note_activity import note_activity
from notifications.operations.snooze import snooze
from people.models import Person
from tests.builders import NOW, add_rule, by, make_method, make_page, make_person, make_policy
from tests.notifications.watching import advance, called, pending, record, states, verbs
from web.errors import BadInput, IllegalMove

pytestmark = pytest.mark.django_db


def taken(person: Person, *, remind_after_s: int | None = 600, repage_after_s: int | None = 300) -> Page:
    """A page that `person` acknowledged at 03:01, reminded at 03:11 and paged again at 03:16."""
    policy = make_policy((300, [person]), remind_after_s=remind_after_s, repage_after_s=repage_after_s)
    page = make_page(policy, subject="incident:1042")
    advance()
    acknowledge(page_id=page.pk, person=person, by=by(person), now=NOW + timedelta(minutes=1))
    return page


def reminders(page: Page) -> list[tuple[str, float, str]]:
    found = Delivery.objects.filter(page=page, kind="reminder").order_by("pk")
    return [(d.channel, (d.not_before - NOW).total_seconds() / 60, d.state) for d in found]


def test_silence_brings_a_reminder_by_the_first_rule_then_the_page_itself() -> None:
    ada = make_person("Ada", methods=["sms"])
    add_rule(make_method(ada, "voice"), delay_s=60)
    page = taken(ada)
    assert advance(10.9) == 0
    advance(11)
    assert reminders(page) == [("sms", 11, "pending")]
    assert states(page) == {"Ada": "acknowledged"}
    assert advance(15.9) == 0
    advance(16)
    page.refresh_from_db()
    assert (page.state, page.level, page.round, page.acknowledged_by) == ("paging", 1, 1, None)
    assert called(page)[-2:] == [("Ada", "sms", 16), ("Ada", "voice", 17)]
    assert verbs(page) == ["started", "called", "acknowledged", "reminded", "repaged", "called"]


def test_without_these_times_it_stays_quiet() -> None:
    page = taken(make_person("Ada"), remind_after_s=None)
    assert advance(60 * 24) == 0
    only_reminded = taken(make_person("Vic"), repage_after_s=None)
    advance(11)
    assert advance(60 * 24) == 0
    assert len(reminders(only_reminded)) == 2
    assert reminders(page) == []


def test_the_answer_to_a_reminder_starts_the_silence_anew() -> None:
    ada = make_person("Ada", methods=["sms"])
    page = taken(ada)
    advance(11)
    reply = acknowledge(page_id=page.pk, person=ada, by=by(ada, "sms"), now=NOW + timedelta(minutes=12))
    assert (reply.changed, reply.sentence) == (True, "You have it since 03:01.")
    assert reminders(page) == [("sms", 11, "cancelled")]
    assert advance(21.9) == 0
    advance(22)
    assert reminders(page)[1:] == [("sms", 22, "pending")]
    assert verbs(page)[2:] == ["acknowledged", "reminded", "acknowledged", "reminded"]


def test_work_on_the_subject_starts_the_silence_anew() -> None:
    page = taken(make_person("Ada"))
    advance(11)
    assert note_activity(subject="incident:1042", now=NOW + timedelta(minutes=12)) == 1
    page.refresh_from_db()
    assert (page.reminded_at, page.next_step_at) == (None, NOW + timedelta(minutes=22))
    assert note_activity(subject="incident:1043", now=NOW) == 0


def test_who_left_cannot_be_reminded_and_that_is_visible() -> None:
    ada = make_person("Ada")
    page = taken(ada)
    Person.objects.filter(pk=ada.pk).update(is_active=False)
    advance(11)
    assert reminders(page) == []
    page.refresh_from_db()
    assert page.trouble == "Who acknowledged it is no longer there to be reminded."
    assert page.next_step_at == NOW + timedelta(minutes=16)


def test_a_snoozed_page_is_quiet_until_its_time_and_then_starts_again() -> None:
    ada = make_person("Ada", methods=["sms"])
    page = taken(ada)
    reply = snooze(
        page_id=page.pk, person=ada, until=NOW + timedelta(hours=5), by=by(ada), now=NOW + timedelta(minutes=5)
    )
    assert reply.sentence == "Quiet until 08:00; then the page starts again."
    note_activity(subject="incident:1042", now=NOW + timedelta(minutes=6))
    assert advance(299) == 0
    advance(300)
    page.refresh_from_db()
    assert (page.state, page.snoozed_until) == ("paging", None)
    assert called(page)[-1] == ("Ada", "sms", 300)
    assert record(page)[-2].payload["why"] == "snooze_over"


def test_snoozing_a_paging_page_takes_it() -> None:
    ada = make_person("Ada")
    page = make_page(ada)
    advance()
    snooze(page_id=page.pk, person=ada, until=NOW + timedelta(hours=1), by=by(ada), now=NOW + timedelta(minutes=1))
    page.refresh_from_db()
    assert (page.state, page.acknowledged_by, page.next_step_at) == ("acknowledged", ada, NOW + timedelta(hours=1))
    assert pending(page) == []
    assert verbs(page) == ["started", "called", "acknowledged", "snoozed"]


def test_a_quorum_cannot_be_slept_through() -> None:
    ada = make_person("Ada")
    page = make_page(make_policy((300, [ada, make_person("Vic")]), required=2))
    advance()
    with pytest.raises(IllegalMove, match="Others have to answer too"), transaction.atomic():
        snooze(page_id=page.pk, person=ada, until=NOW + timedelta(hours=1), by=by(ada), now=NOW)
    assert states(page) == {"Ada": "called", "Vic": "called"}
    assert len(pending(page)) == 4


@pytest.mark.parametrize("hours", [-1, 0, 25])
def test_a_snooze_ends_within_a_day(hours: int) -> None:
    ada = make_person("Ada")
    page = taken(ada)
    with pytest.raises(BadInput) as refused:
        snooze(page_id=page.pk, person=ada, until=NOW + timedelta(hours=hours), by=by(ada), now=NOW)
    assert refused.value.errors == {"until": "Choose a time within the next 24 hours."}


def test_what_is_over_cannot_be_snoozed() -> None:
    ada = make_person("Ada")
    page = taken(ada)
    Page.objects.filter(pk=page.pk).update(state="cancelled", cancel_reason="resolved", ended_at=NOW, next_step_at=None)
    with pytest.raises(IllegalMove, match="over"):
        snooze(page_id=page.pk, person=ada, until=NOW + timedelta(hours=1), by=by(ada), now=NOW)
