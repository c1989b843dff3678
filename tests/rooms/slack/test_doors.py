"""The three addresses that Slack calls."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from engine import clock
from ledger.actor import Actor
from notifications import page_links
from notifications.models.delivery import RefusedCallback
from rooms.models import SlackInbound, SlackOutgoing, SlackWorkspace
from rooms.slack import registry
from rooms.slack.operations.link import link
from rooms.slack.registry import Came
from rooms.slack.working import work_off
from tests.builders import make_person
from tests.rooms.slack.knocking import SECRET, command, envelope, knock, pressed, sign

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _set_up(settings: Settings) -> None:
    settings.SLACK_SIGNING_SECRET, settings.SLACK_BOT_TOKEN = SECRET, "xoxb-test"
    settings.SLACK_API_URL = "http://127.0.0.1:9/api/"


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Came]:
    """What a feature heard that answers /hear, the button "hear:…" and the event "hear"."""
    came: list[Came] = []
    monkeypatch.setattr(registry, "_doors", dict(registry._doors))
    registry.on("command", "/hear", later=came.append)
    registry.on("action", "hear", later=came.append, queue="page")
    registry.on("event", "hear", later=came.append, strangers=True)
    return came


def ada_is_linked() -> None:
    with transaction.atomic():
        link(
            person=make_person("Ada"),
            team_id="T0HARBOR1",
            user_id="U0ADA00001",
            name="Ada",
            by=Actor.system(),
            now=clock.now(),
        )


def refused() -> int:
    return sum(RefusedCallback.objects.filter(provider="slack").values_list("count", flat=True))


def test_slacks_own_example_is_signed_as_slack_says() -> None:
    """The example of docs.slack.dev/authentication/verifying-requests-from-slack."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&"
        b"channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&"
        b"response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F"
        b"96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    expected = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert sign(body, "1531420618", "8f742231b10e8888abcd99yyyzzz85a5") == expected


@pytest.mark.parametrize(
    ("moment", "signature"),
    [
        (None, "v0=" + "0" * 64),
        (None, ""),
        (None, "v0=\u00e9"),
        ("", None),
        ("soon", None),
        ("1e9", None),
        ("-5", None),
        ("\u0661\u0662", ""),
        ("99999999999999999999", None),
        pytest.param(-400, None, id="too-old"),
        pytest.param(400, None, id="too-new"),
    ],
)
def test_what_slack_did_not_sign_is_refused_and_counted(moment: str | int | None, signature: str | None) -> None:
    # Seconds from now: of the test, not of the suite's beginning.
    moment = str(int(time.time()) + moment) if isinstance(moment, int) else moment
    for path, body in (("commands", command()), ("interactions", pressed("hear")), ("events", envelope({}))):
        assert knock(f"/slack/{path}", body, moment=moment, signature=signature).status_code == 403
    assert (refused(), SlackInbound.objects.count()) == (3, 0)


def test_a_changed_body_is_refused() -> None:
    moment = str(int(time.time()))
    assert (
        knock("/slack/commands", command("b"), moment=moment, signature=sign(command("a"), moment)).status_code == 403
    )


def test_without_a_secret_nothing_is_let_in(settings: Settings) -> None:
    settings.SLACK_SIGNING_SECRET = ""
    moment = str(int(time.time()))
    answer = knock("/slack/commands", command(), moment=moment, signature=sign(command(), moment, ""))
    assert answer.status_code == 403


def test_a_get_is_not_offered() -> None:
    assert Client().get("/slack/commands").status_code == 405


def test_slack_checks_the_address() -> None:
    assert knock("/slack/commands", b"ssl_check=1&token=x").status_code == 200
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"}).encode()
    assert knock("/slack/events", body, kind="application/json").json() == {"challenge": "3eZbrw1aB"}
    assert SlackInbound.objects.count() == 0


def test_a_command_is_kept_before_it_is_answered_and_done_once(heard: list[Came]) -> None:
    ada_is_linked()
    answers = [knock("/slack/commands", command("  power is out ", name="/hear")) for _ in range(2)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(200, b""), (204, b"")]
    kept = SlackInbound.objects.get()
    assert (kept.state, kept.kind, "token" in kept.payload) == ("pending", "command", False)
    assert work_off(now=clock.now()) == 1
    assert work_off(now=clock.now()) == 0
    (came,) = heard
    assert came.person is not None
    assert (came.person.name, came.text, came.channel_id) == ("Ada", "power is out", "C0GENERAL")


def test_a_pressed_button_finds_its_family_and_the_queue_of_pages(heard: list[Came]) -> None:
    ada_is_linked()
    assert knock("/slack/interactions", pressed("hear:this", value="7")).status_code == 200
    assert SlackInbound.objects.get().queue == "page"
    work_off(now=clock.now())
    assert [(came.name, came.action["value"]) for came in heard] == [("hear:this", "7")]


def test_answers_to_pages_are_taken_before_housekeeping_and_each_in_its_order(heard: list[Came]) -> None:
    ada_is_linked()
    for number in range(2):
        knock("/slack/commands", command(f"chat {number}", name="/hear", trigger=f"1.4.{number}"))
    for number in range(2):
        knock("/slack/interactions", pressed(f"hear:{number}", trigger=f"1.5.{number}"))
    assert work_off(now=clock.now()) == 4
    assert [came.text or came.name for came in heard] == ["hear:0", "hear:1", "chat 0", "chat 1"]


def test_a_repeated_event_changes_nothing(heard: list[Came]) -> None:
    body = envelope({"type": "hear", "user": "U0SOMEBODY"}, event_id="Ev42")
    answers = [knock("/slack/events", body, kind="application/json") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 204, 204]
    work_off(now=clock.now())
    assert len(heard) == 1
    assert heard[0].person is None


def test_an_unknown_command_is_told_so() -> None:
    assert "does not know /nonsense" in knock("/slack/commands", command(name="/nonsense")).json()["text"]


def test_somebody_unknown_is_offered_a_link(heard: list[Came]) -> None:
    answer = knock("/slack/commands", command(name="/hear")).json()
    assert answer["response_type"] == "ephemeral"
    assert "/me/slack/" in answer["blocks"][1]["elements"][0]["url"]
    assert knock("/slack/interactions", pressed("hear:x")).status_code == 200
    assert SlackOutgoing.objects.get().method == "response_url"
    work_off(now=clock.now())
    assert heard == []


def test_a_button_that_is_too_old_or_made_up_says_so() -> None:
    expired = page_links.sign("slack", 7, expires_at=clock.now())
    for number, value in enumerate((expired, "made-up", "")):
        knock("/slack/interactions", pressed("page:acknowledge", value=value, trigger=f"1.2.{number}"))
    work_off(now=clock.now())
    told = [row.arguments["text"] for row in SlackOutgoing.objects.order_by("pk")]
    assert len(told) == 3
    assert any("expired" in each for each in told)
    assert sum("not valid" in each for each in told) == 2


def test_what_fails_is_tried_again_and_told_at_last(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_came: Came) -> None:
        raise ValueError("not today")

    ada_is_linked()
    monkeypatch.setattr(registry, "_doors", dict(registry._doors))
    registry.on("command", "/fail", later=fail)
    knock("/slack/commands", command(name="/fail"))
    kept = SlackInbound.objects.get()
    for _ in range(5):
        kept.refresh_from_db()
        assert kept.state == "pending"
        assert work_off(now=kept.not_before) == 1
    kept.refresh_from_db()
    assert (kept.state, kept.tries, kept.reason) == ("failed", 5, "ValueError: not today")
    assert "Do it on the web" in SlackOutgoing.objects.get().arguments["text"]


def test_what_a_killed_worker_left_is_taken_over(heard: list[Came]) -> None:
    ada_is_linked()
    knock("/slack/commands", command(name="/hear"))
    now = clock.now()
    SlackInbound.objects.update(state="working", lease_until=now, tries=1)
    assert work_off(now=now) == 0
    assert work_off(now=clock.now()) == 1
    assert len(heard) == 1


def test_an_answer_at_once_is_the_body_and_an_error_leaves_no_stack_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_came: Came) -> dict[str, Any] | None:
        raise ValueError("secret inside")

    ada_is_linked()
    monkeypatch.setattr(registry, "_doors", dict(registry._doors))
    registry.on("command", "/now", at_once=lambda came: {"text": f"You said {came.text}"})
    registry.on("command", "/broken", at_once=fail)
    assert knock("/slack/commands", command("hello", name="/now")).json() == {"text": "You said hello"}
    answer = knock("/slack/commands", command(name="/broken", trigger="1.3.c"))
    assert answer.status_code == 200
    assert b"secret" not in answer.content
    assert "try again" in answer.json()["text"]


def test_what_slack_tells_about_the_app_is_shown() -> None:
    SlackWorkspace.objects.create(team_id="T0HARBOR1", name="Harbor")
    body = envelope({"type": "tokens_revoked", "tokens": {"bot": ["U1"]}})
    assert knock("/slack/events", body, kind="application/json").status_code == 200
    assert "revoked" in SlackWorkspace.objects.get().error


SOMETHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
KEYS = st.sampled_from(
    ["type", "event", "event_id", "user", "team", "channel", "view", "actions", "container", "callback_id", "item"]
)
TYPES = st.sampled_from(["event_callback", "block_actions", "view_submission", "message_action", "shortcut", "x"])


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(kind=TYPES, rest=st.dictionaries(KEYS, SOMETHING, max_size=6))
def test_nothing_that_is_signed_breaks_a_door(kind: str, rest: dict[str, Any]) -> None:
    told = {**rest, "type": kind}
    form = urlencode({"payload": json.dumps(told)}).encode()
    assert knock("/slack/interactions", form).status_code == 200
    assert knock("/slack/events", json.dumps(told).encode(), kind="application/json").status_code == 200
    assert knock("/slack/events", json.dumps(told).encode()[:-1], kind="application/json").status_code == 200
