"""Logs: one JSON object a line, with ids, without secrets."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
import structlog

from config.logs import REDACTED, clean_text, formatter, redact


@pytest.mark.parametrize(
    "secret",
    [
        "GET /integrations/alertmanager/{}",
        "POST /ping/{}/start",
        "GET /p/{}/",
        "POST /twilio/voice/{}/answer",
        "POST /vonage/voice/{}/key",
        "POST /push/answer/{}",
        "POST /push/received/{}/1",
        "Authorization: Bearer {}",
        "postgresql://muster:{}@db.example/muster",
        "/stream?ticket={}&subject=incidents",
        "/accounts/password/reset/key/{}/",
    ],
)
def test_keys_in_text_do_not_reach_the_log(secret: str) -> None:
    key = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
    said = clean_text(f"before {secret.format(key)} after")
    assert key not in said
    assert said.startswith("before ")
    assert said.endswith("after")


def test_signed_links_do_not_reach_the_log() -> None:
    from web import links

    token = links.sign("acknowledge", "page:7", 60)
    assert token.rpartition(":")[2] not in clean_text(f"/answer/{token}")


def test_ids_that_people_search_for_stay() -> None:
    line = (
        "page 3f2504e0-4f89-41d3-9a0c-0305e82c3301 of incident 1042: /incidents/3f2504e0-4f89-41d3-9a0c-0305e82c3301/"
    )
    assert clean_text(line) == line


@pytest.mark.parametrize(
    "name", ["password", "api_token", "TWILIO_AUTH_TOKEN", "routing_key", "secrets_keys", "cookie"]
)
def test_values_under_secret_names_are_taken_out(name: str) -> None:
    line: dict[str, Any] = {"event": "x", name: "hunter2", "inner": {name: "hunter2"}, "dedup_key": "disk-full"}
    said = redact(None, "info", line)
    assert said[name] == REDACTED
    assert said["inner"] == {name: REDACTED}
    assert said["dedup_key"] == "disk-full"


def _written(record: logging.LogRecord) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(formatter(log_format="json").format(record))
    return said


def test_lines_of_libraries_carry_the_ids_of_their_context_and_their_error() -> None:
    structlog.contextvars.bind_contextvars(request_id="r-1", incident="i-1")
    try:
        error = ValueError("postgresql://u:hunter2@h/d refused")
        record = logging.getLogger("django").makeRecord(
            "django", logging.ERROR, __file__, 1, "Failed %s", ("twice",), (ValueError, error, None)
        )
        said = _written(record)
    finally:
        structlog.contextvars.clear_contextvars()
    assert said["event"] == "Failed twice"
    assert (said["request_id"], said["incident"], said["level"], said["logger"]) == ("r-1", "i-1", "error", "django")
    assert "ValueError" in said["exception"]
    assert "hunter2" not in said["exception"]
