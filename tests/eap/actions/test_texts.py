"""Filling texts, finding secrets, hiding them."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eap.actions.base import Trouble
from eap.actions.output import LONGEST_LINE, MOST_LINES, Output
from eap.actions.redaction import HIDDEN, Redaction
from eap.actions.texts import fill, secret_names, with_secrets
from tests.eap.actions.around import around

VALUES = {"inputs": {"host": "web1", "count": 3, "sure": True}, "steps": {"freeze": {"rows": 12}}, "run": {"id": "r1"}}


@pytest.mark.parametrize(
    ("given", "filled"),
    [
        ("restart {inputs.host}", "restart web1"),
        ("{inputs.count}", 3),
        ("{inputs.sure} {inputs.count}", "true 3"),
        ({"a": ["{steps.freeze.rows}", {"b": "{run.id}"}]}, {"a": [12, {"b": "r1"}]}),
        ('{"json": {inputs}} ${HOME} {secrets.token}', '{"json": {inputs}} ${HOME} {secrets.token}'),
        (5, 5),
    ],
)
def test_places_are_filled_and_other_braces_stay(given: object, filled: object) -> None:
    assert fill(given, VALUES) == filled


def test_a_place_without_a_value_is_trouble() -> None:
    for text in ("{inputs.absent}", "{steps.freeze.absent}", "{target.name}", "{inputs.host.deeper}"):
        with pytest.raises(Trouble, match="has no value"):
            fill(text, VALUES)


def test_filled_values_are_not_filled_again() -> None:
    assert fill("{inputs.a}", {"inputs": {"a": "{steps.x.y} {inputs.b}", "b": "x"}}) == "{steps.x.y} {inputs.b}"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{inputs.a}", "{secrets.token}"),
        ("{inputs.a}", ["web1", "{secrets.token}"]),
        ("host={inputs.a}", "x {secrets.token}"),
        ('{"a": {{inputs.a}}}', "secrets.token"),
        ("{secrets.{inputs.a}}", "token"),
        ("{secrets.own} {inputs.a}", "{secrets.own}"),
    ],
)
def test_no_value_names_a_secret(text: str, value: object) -> None:
    with pytest.raises(Trouble, match="only the plan itself may"):
        fill({"body": [text]}, {"inputs": {"a": value}})
    assert fill("{secrets.own} {inputs.a}", {"inputs": {"a": "x"}}) == "{secrets.own} x"


def test_secrets_are_named_and_put_in() -> None:
    assert secret_names({"a": ["{secrets.one}", "x"], "b": "{secrets.two}{secrets.one}"}) == {"one", "two"}
    assert with_secrets("a {secrets.one}", around(secrets={"one": "value1"})) == "a value1"


@given(st.text(min_size=6, max_size=40), st.text(max_size=20))
def test_no_form_of_a_secret_survives(value: str, other: str) -> None:
    redaction = Redaction()
    redaction.learn(value)
    encoded = base64.b64encode(value.encode()).decode()
    for form in (value, encoded, quote(value, safe=""), json.dumps(value)):
        cleaned = redaction.clean(f"{other} {form} {other}")
        assert HIDDEN in cleaned or form not in cleaned


@given(st.text(min_size=6, max_size=40), st.binary(max_size=8), st.binary(max_size=8))
def test_no_secret_survives_within_longer_base64(value: str, before: bytes, after: bytes) -> None:
    redaction = Redaction()
    redaction.learn(value)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        encoded = encode(before + value.encode() + after).decode()
        assert HIDDEN in redaction.clean(encoded)
    assert redaction.clean(value.encode().hex()) == HIDDEN


def test_a_secret_that_was_cut_is_hidden() -> None:
    redaction = Redaction()
    redaction.learn("hunter2-and-more")
    assert redaction.clean("the token is hunter2-a") == f"the token is {HIDDEN}"
    assert redaction.clean("hunter2-a was cut elsewhere") == "hunter2-a was cut elsewhere"


def test_each_line_of_a_key_is_hidden() -> None:
    redaction = Redaction()
    redaction.learn("-----BEGIN KEY-----\nabcdefghijk\n-----END KEY-----\n")
    assert redaction.clean("read abcdefghijk from it") == f"read {HIDDEN} from it"


def test_output_is_bounded() -> None:
    lines: list[str] = []
    output = Output(lines.append)
    for number in range(MOST_LINES + 10):
        output.take(f"line {number} " + "x" * 5_000)
    assert len(lines) == MOST_LINES + 1
    assert len(lines[0]) == LONGEST_LINE
    assert "left out" in lines[-1]
