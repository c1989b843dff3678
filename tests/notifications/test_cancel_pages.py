"""Cancelling: what pages are about is over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ledger.actor import Actor
from notifications.models import Delivery
from notifications.operations.acknowledge import acknowledge
from notifications.operations.cancel_pages import cancel_pages
from tests.builders import NOW, by, make_page, make_person, make_policy
from tests.notifications.watching import advance, pending, record, verbs

pytestmark = pytest.mark.django_db


def test_every_open_page_of_a_subject_ends_and_nothing_more_leaves() -> None:
    ada, vic = make_person("Ada"), make_person("Vic")
    paging = make_page(make_policy((300, [ada]), (300, [vic])), subject="incident:1042", purpose="muster:ceo")
    taken = make_page(make_policy((300, [vic]), remind_after_s=60), subject="incident:1042")
    other = make_page(ada, subject="incident:1043")
    advance()
    acknowledge(page_id=taken.pk, person=vic, by=by(vic), now=NOW)
    assert cancel_pages(subject="incident:1042", reason="merged", by=by(ada), now=NOW + timedelta(minutes=1)) == 2
    for page in (paging, taken):
        page.refresh_from_db()
        assert (page.state, page.cancel_reason) == ("cancelled", "merged")
        assert page.ended_at == NOW + timedelta(minutes=1)
        assert pending(page) == []
    assert pending(other) == [("Ada", "sms"), ("Ada", "voice")]
    assert advance(60) == 1  # only the other incident's
    assert verbs(paging)[-2:] == ["cancelled", "cancelled"]
    assert record(paging)[-1].payload["reason"] == "merged"


def test_pages_are_cancelled_by_id_too_and_only_once() -> None:
    page = make_page(make_person("Ada"))
    advance()
    assert cancel_pages(page_ids=[page.pk], reason="declined", by=Actor.system(), now=NOW) == 1
    assert cancel_pages(page_ids=[page.pk], reason="resolved", by=Actor.system(), now=NOW) == 0
    page.refresh_from_db()
    assert page.cancel_reason == "declined"
    assert {d.state for d in Delivery.objects.filter(page=page)} == {"cancelled"}
