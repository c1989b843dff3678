"""Direct messages in Slack: what they say, within Slack's limits, and what its refusals mean."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from notifications.channels.base import ChannelFailure, Message, OutcomeUnknown, PermanentFailure, TemporaryFailure
from notifications.channels.slack.channel import SlackChannel
from notifications.slack.errors import failure_of
from notifications.slack.words import (
    answered_blocks,
    blocks_of,
    escaped,
    text_of,
    waits_for_answer,
    without_answers,
)
from simulator.slack.blocks import check_message
from web.errors import BadInput

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4000) | st.sampled_from(
    ["", "<!channel> & <@U1>", "&" * 3500, "x" * 5000, "\U0001f525" * 200]
)
AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def message(**fields: Any) -> Message:
    """Return a page's message; the fields named are as given."""
    usual: dict[str, Any] = {
        "delivery_id": 7,
        "fence": 1,
        "kind": "page",
        "to": "U0ADA00001",
        "name": "Ada",
        "headline": "SEV1 1042: Power lost",
        "sent_at": AT,
        "link": "http://testserver/p/x/",
        "page_id": "1",
        "answerable": True,
    }
    return Message(**(usual | fields))


def action_ids(blocks: list[dict[str, Any]]) -> list[str]:
    return [each["action_id"] for block in blocks if block["type"] == "actions" for each in block["elements"]]


@hypothesis_settings(max_examples=80, deadline=None, database=None)
@given(
    headline=WORDS,
    sentence=WORDS,
    question=WORDS,
    kind=st.sampled_from(["page", "reminder", "news", "alarm", "verification", "test"]),
    answerable=st.booleans(),
    repeated=st.booleans(),
)
def test_whatever_it_says_slack_takes_it(**fields: Any) -> None:
    written = message(**fields, seal="s" * 64)
    for blocks in (
        blocks_of(written),
        answered_blocks(written, sentence=fields["sentence"]),
        without_answers(blocks_of(written)),
    ):
        check_message(blocks)
    assert len(text_of(written)) < 4000
    assert "<!channel>" not in text_of(written)
    assert not any("<!channel>" in str(block) for block in blocks_of(written) if block["type"] == "section")


def test_buttons_follow_what_is_asked() -> None:
    assert action_ids(blocks_of(message()))[:3] == ["page:acknowledge", "page:escalate", "page:decline"]
    asked = blocks_of(message(question="Wipe web1.", seal="abc"))
    assert action_ids(asked)[:2] == ["page:approve", "page:deny"]
    assert waits_for_answer(asked)
    assert action_ids(without_answers(asked)) == ["page:approve", "page:deny", "page_open"]
    assert action_ids(without_answers(blocks_of(message()))) == []
    assert action_ids(blocks_of(message(answerable=False))) == ["page_open"]
    assert action_ids(blocks_of(message(kind="verification", answerable=False, link="", sentence="Code 1"))) == []


def test_only_ampersand_and_angle_brackets_are_escaped() -> None:
    assert escaped('a & b < c > "d" *e*') == 'a &amp; b &lt; c &gt; "d" *e*'


@pytest.mark.parametrize(
    ("status", "code", "kind", "scope"),
    [
        (429, "ratelimited", TemporaryFailure, ""),
        (200, "rate_limited", TemporaryFailure, ""),
        (200, "service_unavailable", TemporaryFailure, ""),
        (200, "fatal_error", OutcomeUnknown, ""),
        (200, "internal_error", OutcomeUnknown, ""),
        (503, "", OutcomeUnknown, ""),
        (200, "Received a response in a non-JSON format: <!DOCTYPE", OutcomeUnknown, ""),
        (200, "channel_not_found", PermanentFailure, "address"),
        (200, "is_archived", PermanentFailure, "address"),
        (200, "invalid_auth", PermanentFailure, "configuration"),
        (200, "missing_scope", PermanentFailure, "configuration"),
        (200, "invalid_blocks", PermanentFailure, "message"),
        (200, "something_new", PermanentFailure, "message"),
        (403, "", PermanentFailure, "message"),
    ],
)
def test_what_refusals_mean(status: int, code: str, kind: type[ChannelFailure], scope: str) -> None:
    failure = failure_of(status=status, code=code, retry_after="7")
    assert type(failure) is kind
    if isinstance(failure, PermanentFailure):
        assert failure.scope == scope
    if isinstance(failure, TemporaryFailure):
        assert failure.retry_after_s == 7


@pytest.mark.parametrize(
    ("told", "seconds"), [("30", 30.0), ("9" * 30, 3600.0), ("soon", None), ("-5", None), ("", None), (None, None)]
)
def test_how_long_slack_may_make_us_wait(told: str | None, seconds: float | None) -> None:
    failure = failure_of(status=429, code="ratelimited", retry_after=told)
    assert isinstance(failure, TemporaryFailure)
    assert failure.retry_after_s == seconds


@pytest.mark.parametrize(("typed", "address"), [(" u012ab3cd ", "U012AB3CD"), ("W012AB3CD", "W012AB3CD")])
def test_a_member_id_is_taken(typed: str, address: str) -> None:
    assert SlackChannel().clean_address(typed) == address


@pytest.mark.parametrize("typed", ["", "ada", "C012AB3CD", "U0", "@ada", "U012AB3CD\nU1"])
def test_anything_else_is_no_member_id(typed: str) -> None:
    with pytest.raises(BadInput):
        SlackChannel().clean_address(typed)


def test_what_is_missing_is_said(settings: Settings) -> None:
    settings.SLACK_BOT_TOKEN = settings.SLACK_SIGNING_SECRET = settings.SLACK_APP_TOKEN = ""
    assert "SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET" in SlackChannel().trouble()
    settings.SLACK_BOT_TOKEN = "xoxb-1"
    assert SlackChannel().trouble() == "Slack needs SLACK_SIGNING_SECRET to be set."
    settings.SLACK_APP_TOKEN = "xapp-1"
    assert SlackChannel().trouble() == ""
