"""What Twilio's refusals mean: every code of the table, and what decides without it."""

from __future__ import annotations

import json

import pytest

from notifications.channels.base import PermanentFailure, TemporaryFailure
from notifications.channels.twilio.errors import MEANINGS, failure_of, meaning_of, refusal_of


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (429, 20429, "temporary"),
        (429, None, "temporary"),
        (500, 20500, "temporary"),
        (502, None, "temporary"),
        (503, 20503, "temporary"),
        (503, 21211, "temporary"),  # the class decides before the code
        (400, 30001, "temporary"),
        (400, 30022, "temporary"),
        (400, 21211, "address"),
        (400, 21214, "address"),
        (400, 13224, "address"),
        (400, 21610, "address"),
        (400, 21614, "address"),
        (401, 20003, "configuration"),
        (401, None, "configuration"),
        (403, None, "configuration"),
        (404, 20404, "configuration"),
        (404, None, "configuration"),
        (400, 21212, "configuration"),
        (400, 21606, "configuration"),
        (400, 21408, "configuration"),
        (400, 21215, "configuration"),
        (400, 21608, "configuration"),
        (400, 21219, "configuration"),
        (400, 30007, "configuration"),
        (400, 30032, "configuration"),
        (400, 30034, "configuration"),
        (400, 21617, "message"),
        (400, 99999, "message"),
        (400, None, "message"),
    ],
)
def test_a_refusal_means(status: int, code: int | None, expected: str) -> None:
    body = json.dumps({"code": code, "message": "No.", "status": status}) if code else "<html>"
    failure = failure_of(status=status, body=body, retry_after=None)
    scope = failure.scope if isinstance(failure, PermanentFailure) else "temporary"
    assert scope == expected
    assert failure.code == str(code or status)


@pytest.mark.parametrize("body", ["", "null", "[]", '"text"', '{"code": "21211"}', '{"message": null}'])
def test_bodies_that_are_no_error_are_survived(body: str) -> None:
    failure = failure_of(status=400, body=body, retry_after=None)
    assert isinstance(failure, PermanentFailure)
    assert failure.detail


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("soon", None), (None, None), ("-1", None)])
def test_retry_after_is_read(header: str | None, seconds: float | None) -> None:
    failure = failure_of(status=429, body="", retry_after=header)
    assert isinstance(failure, TemporaryFailure)
    assert failure.retry_after_s == seconds


@pytest.mark.parametrize(
    ("code", "scope", "try_again"),
    [
        (30001, "", True),
        (30008, "", True),
        (30017, "", True),
        (30003, "", False),
        (30004, "address", False),
        (30005, "address", False),
        (30006, "address", False),
        (30007, "configuration", False),
        (30034, "configuration", False),
        (12345, "", False),
        (None, "", False),
    ],
)
def test_a_code_in_a_callback_means(code: int | None, scope: str, try_again: bool) -> None:
    refusal = refusal_of(code)
    assert (refusal.scope, refusal.try_again) == (scope, try_again)


def test_stop_is_an_opt_out_and_no_wrong_number() -> None:
    failure = failure_of(status=400, body='{"code": 21610}', retry_after=None)
    assert isinstance(failure, PermanentFailure)
    assert failure.opted_out
    assert refusal_of(21610).opted_out
    assert not refusal_of(21211).opted_out


def test_every_code_of_the_table_has_a_meaning_and_others_are_about_the_message() -> None:
    assert {meaning_of(code) for code in MEANINGS} == {"temporary", "person", "address", "configuration"}
    assert meaning_of(1) == "message"
