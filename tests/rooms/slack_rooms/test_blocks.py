"""Whatever people write, what leaves is within Slack's limits and says what they wrote."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rooms.slack import blocks
from rooms.slack.blocks.elements import Confirm
from rooms.slack.blocks.parts import BrokenBlockError
from rooms.slack.blocks.text import fit, length
from tests.rooms.slack_rooms.limits import check_markup, check_message, check_view, units

TYPED = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60) | st.text(
    alphabet="<>&;|*_`~@#! \nab😀", max_size=60
)
"""What somebody types, and what would break a careless builder."""
LONG = st.builds(lambda text, times: text * times, TYPED, st.integers(min_value=0, max_value=120))

WHOLE = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
"""Whole messages take a moment to make up, longer on a busy machine."""


@settings(deadline=None)
@given(LONG)
def test_escaped_text_is_read_as_it_was_written(text: str) -> None:
    escaped = blocks.escape(text, most=10**6)
    check_markup(escaped)
    read = escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert read == text.strip()


@settings(deadline=None)
@given(LONG, st.integers(min_value=1, max_value=400))
def test_a_cut_never_breaks_an_entity_and_is_marked(text: str, most: int) -> None:
    cut = blocks.escape(text, most=most)
    check_markup(cut)
    assert units(cut) <= most
    assert length(cut) == units(cut)
    if units(blocks.escape(text, most=10**6)) > most:
        assert cut.endswith("…")


@settings(deadline=None)
@given(LONG, st.integers(min_value=1, max_value=300))
def test_a_cut_never_breaks_a_link(label: str, most: int) -> None:
    markup = blocks.joined(
        blocks.bold(label), blocks.link("https://example.org/a|b?c=1&d=2", label), blocks.mention("U1")
    )
    cut = fit(markup, most)
    check_markup(cut)
    assert units(cut) <= most


@WHOLE
@given(st.lists(LONG, max_size=12), st.lists(LONG, min_size=1, max_size=120))
def test_any_message_is_within_the_limits(texts: list[str], many: list[str]) -> None:
    found = [
        blocks.header("".join(texts)),
        *(
            blocks.section(
                blocks.lines([blocks.bold(text), blocks.quote(text)]),
                fields=[blocks.escape(each) for each in texts],
                accessory=blocks.button(text, "incident:open", url="https://example.org/"),
            )
            for text in many
        ),
        blocks.context(*(blocks.escape(text) for text in texts), blocks.moment(datetime(2026, 3, 1, tzinfo=UTC))),
        blocks.actions(
            blocks.button(
                "".join(many), "incident:a", value="1", confirm=Confirm(title=many[0], text=many[-1], yes="", no="")
            ),
            blocks.options_select(
                "incident:b",
                [blocks.Option(value=str(place), label=text) for place, text in enumerate(many)],
                placeholder=many[0],
            ),
        ),
    ]
    check_message(blocks.message("".join(many), found, more=blocks.escape("".join(texts))).arguments())


@WHOLE
@given(LONG, st.lists(LONG, min_size=1, max_size=130))
def test_any_view_is_within_the_limits(text: str, many: list[str]) -> None:
    options = [blocks.Option(value=str(place), label=label) for place, label in enumerate(many)]
    fields = [
        blocks.text_input("title", text, initial=text, hint=text, placeholder=text, most=200),
        blocks.text_input("summary", text, initial=text, multiline=True, optional=True),
        blocks.select_input("severity", text, options, placeholder=text, chosen="0"),
        blocks.users_input("person", text, placeholder=text),
        blocks.checkbox_input("private", text, blocks.Option(value="yes", label=text), hint=text),
    ]
    view = blocks.modal(title=text, callback="declare", blocks=fields, submit=text or "x", close=text, metadata="m")
    check_view(view)
    check_view(blocks.home([blocks.section(blocks.escape(each)) for each in many], more=blocks.escape(text)))


@pytest.mark.parametrize(
    "made",
    [
        blocks.actions,
        lambda: blocks.actions(blocks.button("a", "same"), blocks.button("b", "same")),
        lambda: blocks.button("a", "x" * 256),
        lambda: blocks.button("a", ""),
        lambda: blocks.button("a", "x", value="v" * 2001),
        lambda: blocks.options_select("x", [], placeholder=""),
        lambda: blocks.modal(title="t", callback="c", blocks=[], close="c", metadata="m" * 3001),
        lambda: blocks.message("t", [blocks.actions(blocks.button("a", "b"), block_id="one")] * 2),
    ],
)
def test_our_own_mistakes_are_loud(made: Any) -> None:
    with pytest.raises(BrokenBlockError):
        made()


def test_what_is_left_out_is_said() -> None:
    said = blocks.message("many", [blocks.divider()] * 60, more=blocks.escape("The others are in Muster."))
    assert len(said.blocks) == 50
    assert said.blocks[-1] == blocks.context(blocks.escape("The others are in Muster."))


def test_nobody_can_call_a_whole_channel() -> None:
    said = blocks.message("<!channel> & <@U123>", [blocks.section(blocks.escape("<!here> <https://evil.example|ok>"))])
    assert said.text == "&lt;!channel&gt; &amp; &lt;@U123&gt;"
    assert said.blocks[0]["text"]["text"] == "&lt;!here&gt; &lt;https://evil.example|ok&gt;"
