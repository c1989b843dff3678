"""Reassigning and adding responders: other people, the same page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.models import Page
from notifications.operations.acknowledge import acknowledge
from notifications.operations.add_responders import add_responders
from notifications.operations.reassign import reassign
from notifications.queries import freeze, freeze_person
from tests.builders import NOW, by, make_page, make_person, make_policy
from tests.notifications.watching import advance, called, pending, states, verbs
from web.errors import IllegalMove

pytestmark = pytest.mark.django_db


def test_only_the_new_policy_pages() -> None:
    ada, vic, mia = (make_person(name, methods=["sms"]) for name in ("Ada", "Vic", "Mia"))
    page = make_page(make_policy((300, [ada]), (300, [mia])))
    advance()
    reply = reassign(
        page_id=page.pk,
        policy=freeze(make_policy((600, [vic]), name="Operations", required=1)),
        by=by(ada),
        now=NOW + timedelta(minutes=1),
    )
    assert reply.sentence == "Reassigned to Operations. Vic is called now."
    assert pending(page) == [("Vic", "sms")]
    assert advance(10.9) == 0
    advance(11)
    assert [name for name, _, _ in called(page)] == ["Ada", "Vic", "Vic"]
    assert states(page)["Ada"] == "late"
    assert verbs(page)[2:4] == ["reassigned", "called"]


def test_an_acknowledged_page_starts_anew_for_the_other_person() -> None:
    ada, vic = make_person("Ada"), make_person("Vic", methods=["sms"])
    page = make_page(ada)
    advance()
    acknowledge(page_id=page.pk, person=ada, by=by(ada), now=NOW + timedelta(minutes=1))
    reassign(page_id=page.pk, policy=freeze_person(vic), by=by(ada), now=NOW + timedelta(minutes=2))
    page.refresh_from_db()
    assert (page.state, page.policy_name, page.acknowledged_by) == ("paging", "Vic", None)
    assert pending(page) == [("Vic", "sms")]


def test_a_former_holder_may_be_paged_by_the_new_policy() -> None:
    ada = make_person("Ada", methods=["sms"])
    page = make_page(ada)
    advance()
    acknowledge(page_id=page.pk, person=ada, by=by(ada), now=NOW + timedelta(minutes=1))
    reassign(page_id=page.pk, policy=freeze_person(ada), by=by(ada), now=NOW + timedelta(minutes=2))
    assert called(page) == [("Ada", "sms", 0), ("Ada", "sms", 2)]


def test_added_people_are_called_at_once_and_only_once() -> None:
    ada, sid = make_person("Ada", methods=["sms"]), make_person("Sid", methods=["sms"])
    page = make_page(ada)
    advance()
    reply = add_responders(page_id=page.pk, people=[sid], by=by(ada), now=NOW + timedelta(minutes=1))
    assert (reply.changed, reply.sentence) == (True, "Sid is called now.")
    again = add_responders(page_id=page.pk, people=[sid, ada], by=by(ada), now=NOW + timedelta(minutes=2))
    assert (again.changed, again.sentence) == (False, "All of them are being called already.")
    assert called(page) == [("Ada", "sms", 0), ("Sid", "sms", 1)]
    assert verbs(page) == ["started", "called", "responders_added"]


def test_added_people_without_contact_method_are_visible() -> None:
    ada = make_person("Ada", methods=["sms"])
    page = make_page(ada)
    advance()
    add_responders(page_id=page.pk, people=[make_person("Sid", methods=[])], by=by(ada), now=NOW)
    assert states(page)["Sid"] == "unreachable"
    page.refresh_from_db()
    assert page.trouble == "Sid has no contact method that works."


@pytest.mark.parametrize("state", ["cancelled", "exhausted"])
def test_what_is_over_stays_over(state: str) -> None:
    ada = make_person("Ada")
    page = make_page(ada)
    reason = "resolved" if state == "cancelled" else ""
    Page.objects.filter(pk=page.pk).update(state=state, cancel_reason=reason, ended_at=NOW, next_step_at=None)
    with pytest.raises(IllegalMove, match="over"):
        reassign(page_id=page.pk, policy=freeze_person(ada), by=by(ada), now=NOW)
    with pytest.raises(IllegalMove, match="over"):
        add_responders(page_id=page.pk, people=[ada], by=by(ada), now=NOW)
