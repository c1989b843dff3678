"""Who is called for an approval, when, and what they read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eap.approvals import basis
from eap.execution.claim import claim, due
from eap.execution.execute import execute
from eap.execution.heartbeat import heartbeat
from eap.operations.runs.change_inputs import change_inputs
from eap.phone_question import ask
from eap.run_queries import board_for_reading, open_approvals
from engine.duties import run_once
from notifications.models import Delivery, Page
from tests.builders import NOW, by
from tests.eap.runs.actions import once
from tests.eap.runs.approving import agree, ready, seen
from tests.eap.runs.builders import (
    MINUTE,
    at,
    do,
    fresh,
    go,
    page_of,
)
from web.errors import IllegalMove

pytestmark = pytest.mark.django_db


def test_the_page_calls_as_many_as_must_agree() -> None:
    run, _, vps = ready()
    go()
    page = page_of(run, "agree")
    assert page.required_acknowledgements == 2
    assert [t["name"] for t in page.policy["levels"][0]["targets"]] == ["Vic", "Vera"]
    assert [step.key for step in open_approvals(vps["Ada"])] == ["agree"]


def test_who_voted_is_called_no_more_and_the_others_are() -> None:
    run, _, vps = ready()
    go()
    run_once("pages", now=NOW)
    page = page_of(run, "agree")
    calling = Delivery.objects.filter(page=page, state="pending")
    assert set(calling.values_list("person__name", flat=True)) == {"Vic", "Vera"}
    agree(run, vps["Vic"])
    assert set(calling.values_list("person__name", flat=True)) == {"Vera"}
    for minute in range(1, 20):
        run_once("pages", now=NOW + minute * MINUTE)
    after = Delivery.objects.filter(page=page, created_at__gt=NOW)
    assert "Vic" not in set(after.values_list("person__name", flat=True))
    agree(run, vps["Vera"], now=NOW + 20 * MINUTE)
    assert not calling.exists()


def test_who_votes_answers_the_call_to_everybody_too() -> None:
    run, _, vps = ready()
    go()
    page, now = page_of(run, "agree"), NOW
    while Page.objects.get(pk=page.pk).state == "paging":
        now += MINUTE
        run_once("pages", now=now)
    go(now)
    agree(run, vps["Vic"], now=now)
    calling = Delivery.objects.filter(page__fallback_of=page, state="pending")
    assert set(calling.values_list("person__name", flat=True)) == {"Vera", "Ada"}


def test_what_is_approved_says_what_would_happen() -> None:
    run, _, _ = ready()
    go()
    found = basis(board_for_reading(fresh(run)), at(run, "agree"))
    assert found.text == "Wipe web1."
    assert found.facts["would"] == [
        {"step": "burn", "title": "Burn", "sentence": "Would do test-once.", "counts": {"accounts": 7}}
    ]
    assert once.called("plan") == [""]
    assert once.called("apply") == []


def test_people_are_called_once_they_can_read_what_would_happen() -> None:
    run, _, vps = ready()
    assert at(run, "agree").state == "ready"
    assert at(run, "agree").page_id is None
    assert [step.key for step in open_approvals(vps["Vic"])] == ["agree"], "on the screen it waits already"
    go()
    page = page_of(run, "agree")
    assert page.title == "Approve: Agree"
    question = ask(page.pk, vps["Vic"], NOW)
    assert question is not None
    assert "Would do test-once (accounts 7)" in question.text


def test_people_are_not_kept_waiting_for_figures_that_do_not_come() -> None:
    run, _, vps = ready()
    run_once("runs", now=NOW + timedelta(seconds=59))
    assert at(run, "agree").page_id is None
    assert fresh(run).next_look_at == NOW + MINUTE
    run_once("runs", now=NOW + MINUTE)
    assert page_of(run, "agree").required_acknowledgements == 2
    would = basis(board_for_reading(fresh(run)), at(run, "agree")).facts["would"]
    assert [each["sentence"] for each in would] == ["No figures yet."]
    before = seen(run)
    go(NOW + MINUTE)
    with pytest.raises(IllegalMove, match="has changed since you saw it"):
        agree(run, vps["Vic"], digest=before, now=NOW + MINUTE)


def test_inputs_may_change_while_what_would_happen_is_worked_out() -> None:
    run, otto, _ = ready()
    (asked,) = claim(due(before=NOW, limit=9), now=NOW, limit=9)
    do(change_inputs, run_id=run.pk, inputs={"host": "web2"}, by=by(otto))
    execute(asked, heartbeat=heartbeat(), time_of_day=lambda: NOW)
    assert at(run, "burn").preview["sentence"] == "Being worked out.", "that was about web1"
    go()
    assert at(run, "burn").preview["sentence"] == "Would do test-once."
