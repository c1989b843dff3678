"""Tables for what the receivers understand: PagerDuty Events v2 and Alertmanager's webhook."""

from __future__ import annotations

from typing import Any

import pytest

from intake.rules.alertmanager import parse_webhook
from intake.rules.events_v2 import parse_change, parse_event
from intake.rules.parsed import NotUnderstood

KEY = "0123456789abcdef0123456789abcdef"


def trigger(**changes: Any) -> dict[str, Any]:
    payload = {"summary": "Disk full", "source": "web-17", "severity": "critical"} | changes.pop("payload", {})
    return {"routing_key": KEY, "event_action": "trigger", "dedup_key": "disk", "payload": payload} | changes


def faults_of(body: Any) -> list[str]:
    with pytest.raises(NotUnderstood) as refused:
        parse_event(body, new_key=lambda: "made")
    return refused.value.errors


def test_a_full_trigger_is_read_whole() -> None:
    body = trigger(
        payload={
            "summary": "Disk full",
            "source": "web-17",
            "severity": "warning",
            "timestamp": "2026-11-22T03:12:00.000+0000",
            "component": "nginx",
            "custom_details": {"free": 0},
        },
        links=[{"href": "https://graphs.example/1", "text": "Graph"}, {"href": "javascript:alert(1)", "text": "x"}],
        client="Nagios",
        client_url="https://nagios.example",
    )
    key, event = parse_event(body, new_key=lambda: "made")
    assert key == KEY
    assert (event.action, event.dedup_key, event.summary) == ("trigger", "disk", "Disk full")
    assert (event.source, event.severity) == ("web-17", "warning")
    assert event.started_at is not None
    assert event.started_at.isoformat() == "2026-11-22T03:12:00+00:00"
    assert event.fields == {"component": "nginx", "custom_details": {"free": 0}, "client": "Nagios"}
    assert [link["href"] for link in event.links] == ["https://graphs.example/1", "https://nagios.example"]
    assert KEY not in str(event.raw)


def test_a_trigger_without_a_key_gets_one() -> None:
    assert parse_event(trigger(dedup_key=None), new_key=lambda: "made")[1].dedup_key == "made"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ([], "must be a JSON object"),
        ({"event_action": "trigger"}, "'routing_key' is missing"),
        (trigger(routing_key="short"), "32 characters"),
        (trigger(event_action="explode"), "'event_action' must be one of"),
        (trigger(dedup_key="x" * 256), "at most 255"),
        (trigger(dedup_key=7), "'dedup_key' must be text"),
        ({"routing_key": KEY, "event_action": "resolve"}, "required to resolve"),
        ({"routing_key": KEY, "event_action": "acknowledge"}, "required to acknowledge"),
        (trigger(payload={"summary": ""}), "'payload.summary' is missing"),
        (trigger(payload={"summary": "x" * 1025}), "at most 1024"),
        (trigger(payload={"source": None}), "'payload.source' is missing"),
        (trigger(payload={"severity": "fatal"}), "'payload.severity' must be one of"),
        (trigger(payload={"timestamp": "yesterday"}), "ISO 8601"),
        (trigger(links="x"), "'links' must be a list"),
        ({"routing_key": KEY, "event_action": "trigger"}, "'payload' is missing"),
    ],
)
def test_each_fault_is_named(body: Any, fault: str) -> None:
    assert any(fault in error for error in faults_of(body))


def test_several_faults_are_all_named() -> None:
    assert len(faults_of(trigger(routing_key="x", payload={"summary": "", "source": "", "severity": ""}))) == 4


def test_control_characters_and_lone_surrogates_do_not_pass() -> None:
    event = parse_event(trigger(payload={"summary": "a\x00b\x1bc\ud800"}), new_key=str)[1]
    assert event.summary == "a b c?"


def test_a_change_needs_a_summary() -> None:
    assert parse_change({"routing_key": KEY, "payload": {"summary": "Deployed"}})[1].action == "change"
    with pytest.raises(NotUnderstood):
        parse_change({"routing_key": KEY, "payload": {}})


def webhook(status: str, *alerts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"version": "4", "groupKey": "{}:{}", "status": status, "receiver": "muster", "alerts": list(alerts)} | more


def firing(**more: Any) -> dict[str, Any]:
    labels = {"alertname": "HighLoad", "instance": "db-1:9100", "severity": "page"}
    return {
        "status": "firing",
        "labels": labels,
        "annotations": {"summary": "Load is 40"},
        "startsAt": "2026-11-22T03:12:00.123456789Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example/graph",
        "fingerprint": "abc123",
    } | more


def test_alertmanager_alert_becomes_a_trigger() -> None:
    events, resolved = parse_webhook(webhook("firing", firing()))
    assert resolved is None
    (event,) = events
    assert (event.action, event.dedup_key, event.summary) == ("trigger", "abc123", "Load is 40")
    assert (event.source, event.severity) == ("db-1:9100", "critical")
    assert event.fields["labels"]["alertname"] == "HighLoad"
    assert event.started_at is not None
    assert event.started_at.minute == 12
    assert event.group_key


def test_alertmanager_group_resolved_says_so_even_if_truncated() -> None:
    events, resolved = parse_webhook(webhook("resolved", firing(status="resolved"), truncatedAlerts=7))
    assert [event.action for event in events] == ["resolve"]
    assert resolved == events[0].group_key


def test_alertmanager_mixed_group_resolves_only_what_says_so() -> None:
    events, resolved = parse_webhook(webhook("firing", firing(), firing(status="resolved", fingerprint="def")))
    assert [(event.action, event.dedup_key) for event in events] == [("trigger", "abc123"), ("resolve", "def")]
    assert resolved is None


def test_alertmanager_unknown_and_missing_fields_are_fine() -> None:
    events, _ = parse_webhook({"alerts": [{"labels": {"alertname": "X"}, "novelty": 1}], "novelty": {}})
    assert events[0].summary == "X"
    assert len(events[0].dedup_key) == 64  # made from the labels
    again, _ = parse_webhook({"alerts": [{"labels": {"alertname": "X"}}]})
    assert again[0].dedup_key == events[0].dedup_key


@pytest.mark.parametrize("body", [[], "x", {}, {"alerts": "x"}, {"alerts": [1]}, {"alerts": []}])
def test_alertmanager_nonsense_is_refused(body: Any) -> None:
    with pytest.raises(NotUnderstood):
        parse_webhook(body)
