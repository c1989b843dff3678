"""PagerDuty Events API v2: what a valid event is (vendor's schema: lengths, enums, required fields)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from intake.rules.parsed import SEVERITIES, NotUnderstood, ParsedEvent
from intake.rules.text import clean
from intake.rules.times import plausible, read_time

ROUTING_KEY_LENGTH: Final = 32
SUMMARY_LENGTH: Final = 1024
DEDUP_KEY_LENGTH: Final = 255
SOURCE_LENGTH: Final = 255
BODY_LIMIT: Final = 512 * 1024
"""Bytes; the vendor's limit."""
_INVALID: Final = "Event object is invalid"


def parse_event(body: Any, *, new_key: Callable[[], str]) -> tuple[str, ParsedEvent]:
    """Return the routing key and the event. `new_key` makes a dedup key for a trigger without one.

    Raises `NotUnderstood` with every fault found.
    """
    if not isinstance(body, dict):
        raise NotUnderstood(_INVALID, ["The body must be a JSON object."])
    errors = _envelope_faults(body)
    action: Any = body.get("event_action")
    payload = body.get("payload")
    if action == "trigger":
        errors += _payload_faults(payload)
    if errors:
        raise NotUnderstood(_INVALID, errors)
    key = body.get("dedup_key") or new_key()
    if action != "trigger":
        return body["routing_key"], ParsedEvent(action=action, dedup_key=key, raw=_without_key(body))
    assert isinstance(payload, dict)  # noqa: S101  (checked by _payload_faults)
    return body["routing_key"], ParsedEvent(
        action="trigger",
        dedup_key=key,
        raw=_without_key(body),
        summary=clean(payload["summary"], SUMMARY_LENGTH),
        source=clean(payload["source"], SOURCE_LENGTH),
        severity=payload["severity"],
        started_at=plausible(read_time(payload.get("timestamp"))),
        fields=_fields(payload, body),
        links=_links(body),
    )


def parse_change(body: Any) -> tuple[str, ParsedEvent]:
    """Return the routing key and a change event; raises `NotUnderstood`."""
    if not isinstance(body, dict):
        raise NotUnderstood(_INVALID, ["The body must be a JSON object."])
    errors = _routing_key_faults(body)
    payload = body.get("payload")
    if not isinstance(payload, dict):
        errors.append("'payload' is missing or not an object")
    else:
        errors += _text_faults(payload, "summary", "payload.summary", SUMMARY_LENGTH)
    if errors:
        raise NotUnderstood(_INVALID, errors)
    return body["routing_key"], ParsedEvent(action="change", dedup_key="", raw=_without_key(body))


def _envelope_faults(body: dict[str, Any]) -> list[str]:
    errors = _routing_key_faults(body)
    action = body.get("event_action")
    if action not in ("trigger", "acknowledge", "resolve"):
        errors.append("'event_action' must be one of 'trigger', 'acknowledge', 'resolve'")
    key = body.get("dedup_key")
    if key is not None and (not isinstance(key, str) or len(key) > DEDUP_KEY_LENGTH):
        errors.append(f"'dedup_key' must be text of at most {DEDUP_KEY_LENGTH} characters")
    elif action in ("acknowledge", "resolve") and not key:
        errors.append(f"'dedup_key' is required to {action}")
    for name in ("links", "images"):
        if body.get(name) is not None and not isinstance(body[name], list):
            errors.append(f"'{name}' must be a list")
    return errors


def _routing_key_faults(body: dict[str, Any]) -> list[str]:
    key = body.get("routing_key")
    if not isinstance(key, str) or not key:
        return ["'routing_key' is missing or blank"]
    if len(key) != ROUTING_KEY_LENGTH:
        return [f"Length of 'routing_key' is incorrect (should be {ROUTING_KEY_LENGTH} characters)"]
    return []


def _payload_faults(payload: Any) -> list[str]:
    if not isinstance(payload, dict):
        return ["'payload' is missing or not an object"]
    errors = _text_faults(payload, "summary", "payload.summary", SUMMARY_LENGTH)
    errors += _text_faults(payload, "source", "payload.source", None)
    if payload.get("severity") not in SEVERITIES:
        errors.append("'payload.severity' must be one of 'critical', 'error', 'warning', 'info'")
    if payload.get("timestamp") is not None and read_time(payload["timestamp"]) is None:
        errors.append("'payload.timestamp' must be an ISO 8601 time")
    return errors


def _text_faults(payload: dict[str, Any], name: str, shown: str, limit: int | None) -> list[str]:
    value = payload.get(name)
    if not isinstance(value, str) or not value.strip():
        return [f"'{shown}' is missing or blank"]
    if limit is not None and len(value) > limit:
        return [f"'{shown}' is too long (at most {limit} characters)"]
    return []


def _fields(payload: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    named = {name: payload[name] for name in ("component", "group", "class", "custom_details") if payload.get(name)}
    if body.get("client"):
        named["client"] = body["client"]
    return named


def _links(body: dict[str, Any]) -> list[dict[str, str]]:
    found = [
        {"href": link["href"], "text": str(link.get("text") or link["href"])}
        for link in body.get("links") or []
        if isinstance(link, dict)
        and isinstance(link.get("href"), str)
        and link["href"].startswith(("http://", "https://"))
    ]
    client_url = body.get("client_url")
    if isinstance(client_url, str) and client_url.startswith(("http://", "https://")):
        found.append({"href": client_url, "text": str(body.get("client") or client_url)})
    return found[:10]


def _without_key(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "routing_key"}
