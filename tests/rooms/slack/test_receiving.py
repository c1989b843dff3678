"""What becomes of what came when processes race, are killed, refuse or speak another language."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import translation
from pytest_django import Settings

from engine import broker, clock
from notifications.channels.base import TemporaryFailure
from people.models import Person
from rooms.models import SlackInbound, SlackOutgoing, SlackUser
from rooms.slack import inbound, registry
from rooms.slack.client import post_later
from rooms.slack.registry import Came
from rooms.slack.working import work_off
from tests.builders import make_person
from tests.rooms.slack.knocking import SECRET, command, envelope, knock, pressed
from web.errors import BadInput

pytestmark = pytest.mark.django_db(transaction=True)
USER = "U0ADA00001"


@pytest.fixture(autouse=True)
def _set_up(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SLACK_SIGNING_SECRET, settings.SLACK_BOT_TOKEN = SECRET, "xoxb-test"
    settings.SLACK_API_URL = "http://127.0.0.1:9/api/"
    monkeypatch.setattr(registry, "_doors", dict(registry._doors))


@pytest.fixture
def ada() -> Person:
    person = make_person("Ada")
    SlackUser.objects.create(team_id="T0HARBOR1", user_id=USER, person=person, name="Ada", linked_at=clock.now())
    return person


def at_the_same_time(act: Callable[[], Any], *, times: int) -> list[Any]:
    """Do it in so many threads, each with a database connection of its own, all at once."""
    start = threading.Barrier(times)

    def one() -> Any:
        try:
            start.wait(timeout=30)
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return [each.result(timeout=60) for each in [pool.submit(one) for _number in range(times)]]


def test_an_event_that_two_processes_get_is_kept_and_done_once() -> None:
    done: list[str] = []
    registry.on("event", "raced", later=lambda came: done.append(came.key), strangers=True)
    body = envelope({"type": "raced", "user": "U0SOMEBODY"}, event_id="Ev0RACED")
    answers = at_the_same_time(lambda: knock("/slack/events", body, kind="application/json").status_code, times=4)
    assert sorted(answers) == [200, 204, 204, 204]
    assert SlackInbound.objects.count() == 1
    later = clock.now() + timedelta(seconds=1)
    assert sum(at_the_same_time(lambda: work_off(now=later), times=4)) == 1
    assert done == ["event:Ev0RACED"]


def test_what_a_process_killed_before_its_answer_had_taken_is_done_by_the_engine(
    ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    registry.on("command", "/both", at_once=lambda _came: None, later=lambda came: done.append(came.text))
    monkeypatch.setattr(inbound, "_settle", lambda *_row, **_how: None)  # it never got that far
    knock("/slack/commands", command("do it", name="/both"))
    assert work_off(now=clock.now()) == 0, "whoever answers at once decides first"
    assert work_off(now=clock.now() + inbound.UNDECIDED + timedelta(seconds=1)) == 1
    assert done == ["do it"]


def test_what_was_refused_at_once_is_not_done_after_all(ada: Person) -> None:
    done: list[Came] = []
    registry.on(
        "action",
        "refuse",
        at_once=lambda _came: {"response_action": "errors", "errors": {"title": "No."}},
        later=done.append,
    )
    knock("/slack/interactions", pressed("refuse"))
    assert work_off(now=clock.now() + timedelta(hours=1)) == 0
    assert (SlackInbound.objects.get().state, done) == ("done", [])


def test_words_in_a_refusal_call_nobody_and_link_nowhere(ada: Person) -> None:
    def refuse(_came: Came) -> None:
        raise BadInput("There is no <!channel> & <@U1>.")

    registry.on("command", "/refuse", at_once=refuse)
    registry.on("command", "/later", later=refuse)
    expected = "There is no &lt;!channel&gt; &amp; &lt;@U1&gt;."
    assert knock("/slack/commands", command(name="/refuse", trigger="1.1.a")).json()["text"] == expected
    knock("/slack/commands", command(name="/later", trigger="1.1.b"))
    work_off(now=clock.now())
    assert SlackOutgoing.objects.get().arguments["text"] == expected


def test_everybody_is_spoken_to_in_their_language(ada: Person) -> None:
    Person.objects.filter(pk=ada.pk).update(language="de")
    spoken: list[str | None] = []

    def note(_came: Came) -> None:
        spoken.append(translation.get_language())

    registry.on("command", "/speak", at_once=note, later=note)
    knock("/slack/commands", command(name="/speak"))
    work_off(now=clock.now())
    assert spoken == ["de", "de"]


def test_slacks_trouble_is_waited_out_for_an_hour(ada: Person) -> None:
    def fail(_came: Came) -> None:
        raise TemporaryFailure("Slack can't be reached.", code="unreachable")

    registry.on("command", "/fail", later=fail)
    knock("/slack/commands", command(name="/fail"))
    row = SlackInbound.objects.get()
    for _time in range(6):
        assert work_off(now=row.not_before) == 1
        row.refresh_from_db()
    assert (row.state, row.tries) == ("pending", 6)
    SlackInbound.objects.update(received_at=clock.now() - timedelta(hours=2))
    work_off(now=row.not_before)
    row.refresh_from_db()
    assert row.state == "failed"
    assert "Do it on the web" in SlackOutgoing.objects.get().arguments["text"]


def test_an_answer_to_a_page_that_comes_meanwhile_is_next(ada: Person) -> None:
    order: list[str] = []

    def housekeeping(came: Came) -> None:
        if not order:
            knock("/slack/interactions", pressed("urgent"))
        order.append(came.text)

    registry.on("command", "/chat", later=housekeeping)
    registry.on("action", "urgent", later=lambda came: order.append(came.name), queue="page")
    for number in range(3):
        knock("/slack/commands", command(str(number), name="/chat", trigger=f"1.1.{number}"))
    work_off(now=clock.now() + timedelta(seconds=5))
    assert order == ["0", "urgent", "1", "2"]


def test_only_answers_to_pages_take_the_queue_of_pages(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[tuple[str, str]] = []
    monkeypatch.setattr(broker, "hand_over", lambda task, _ids, queue: handed.append((task, queue)))
    registry.on("command", "/chat", later=lambda _came: None)
    registry.on("action", "urgent", later=lambda _came: None, queue="page")
    knock("/slack/commands", command(name="/chat"))
    knock("/slack/interactions", pressed("urgent"))
    with transaction.atomic():
        post_later("pins.add", {"channel": "C1", "timestamp": "1.1"}, now=clock.now())
    assert handed == [
        ("rooms.slack.inbound", "chat"),
        ("rooms.slack.inbound", "page"),
        ("rooms.slack.outgoing", "chat"),
    ]
