"""Tables for any JSON: what of it is which event."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.mapping import WebhookMapping, faults_of_mapping
from intake.rules.parsed import NotUnderstood
from intake.rules.paths import at, filled
from intake.rules.webhook import Reading, read_webhook
from intake.rules.webhook_body import read_webhook_body
from tests.intake.bodies import grafana_of_dashboards, uptime_kuma, uptimerobot, zabbix


def reading(body: Any, **mapping: Any) -> Reading:
    return read_webhook(body, WebhookMapping(**mapping))


def event(body: Any, **mapping: Any) -> Any:
    (only,) = reading(body, **mapping).events
    return only


def said(body: Any, **mapping: Any) -> tuple[str, ...]:
    found = event(body, **mapping)
    return (found.action, found.dedup_key, found.severity, found.source, found.summary)


@pytest.mark.parametrize("name", ["summary", "title", "message", "text", "description", "alert", "name", "alertName"])
def test_usual_names_of_the_summary(name: str) -> None:
    assert event({name: "Disk full", "id": 1}).summary == "Disk full"


@pytest.mark.parametrize(
    "name", ["id", "key", "dedup_key", "incident_id", "fingerprint", "alert_id", "alertId", "Alert-ID"]
)
def test_usual_names_of_the_dedup_key(name: str) -> None:
    found = reading({name: 17, "summary": "Disk full"}).understood[0]
    assert (found.event.dedup_key, found.key_given) == ("17", True)


def test_the_tellings_name_goes_before_the_messages_own_id() -> None:
    assert event({"id": "message-1", "alert_id": "disk", "summary": "Disk full"}).dedup_key == "disk"


@pytest.mark.parametrize(
    ("body", "action"),
    [
        ({"status": "resolved"}, "resolve"),
        ({"state": "OK"}, "resolve"),
        ({"status": "Closed"}, "resolve"),
        ({"event_action": "resolve"}, "resolve"),
        ({"status": "recovered"}, "resolve"),
        ({"level": "OK"}, "resolve"),
        ({"state": "acknowledged"}, "acknowledge"),
        ({"event_action": "trigger", "status": "ok"}, "trigger"),
        ({"status": "firing"}, "trigger"),
        ({"status": 500}, "trigger"),
        ({"status": None}, "trigger"),
        ({"status": ["resolved"]}, "trigger"),
        ({}, "trigger"),
    ],
)
def test_usual_states(body: dict[str, Any], action: str) -> None:
    assert event({"summary": "Disk full", "id": "disk", **body}).action == action


@pytest.mark.parametrize(
    ("body", "severity"),
    [
        ({"severity": "critical"}, "critical"),
        ({"level": "WARN"}, "warning"),
        ({"priority": "P1"}, "critical"),
        ({"state": "CRITICAL"}, "critical"),
        ({"severity": "Average"}, "warning"),
        ({"severity": "purple"}, "error"),
        ({"priority": 3}, "error"),
        ({}, "error"),
    ],
)
def test_usual_severities_and_what_nobody_knows_is_an_error(body: dict[str, Any], severity: str) -> None:
    assert event({"summary": "Disk full", **body}).severity == severity


def test_names_inside_known_objects() -> None:
    body = {
        "event": {"id": 9, "title": "Disk full", "status": "open"},
        "check": {"host": {"name": "web-17"}, "url": "https://checks.example/9"},
        "service": {"name": "Web hosting"},
    }
    found = event(body)
    assert (found.dedup_key, found.summary, found.source) == ("9", "Disk full", "web-17")
    assert (found.fields["service"], found.links) == (
        "Web hosting",
        [{"href": "https://checks.example/9", "text": "Source"}],
    )
    assert found.fields["custom_details"] == found.raw == body
    assert event({"name": "Down"}).source == "webhook"


def test_links_are_addresses() -> None:
    assert event({"summary": "x", "link": "javascript:alert(1)"}).links == []


def test_without_a_key_the_same_words_are_the_same_alert() -> None:
    first, again, other = (event({"summary": text, "host": "web-17"}) for text in ("Full", "Full", "Hot"))
    assert first.dedup_key == again.dedup_key != other.dedup_key
    assert event({"summary": "Full", "host": "web-18"}).dedup_key != first.dedup_key


def test_without_a_summary_the_key_says_what_it_can() -> None:
    assert event({"id": 7, "host": "web-17"}).summary == "Event 7 of web-17"


@pytest.mark.parametrize("body", [None, 7, "text", True, [], {}, {"a": 1}, [7], {"alert": {"deep": 1}}, [[{"id": 1}]]])
def test_what_says_nothing_is_not_understood(body: Any) -> None:
    with pytest.raises(NotUnderstood) as refused:
        reading(body)
    assert refused.value.errors


def test_a_list_is_several_events_and_what_is_not_understood_stays_behind() -> None:
    found = reading([{"id": 1, "message": "One"}, {"colour": "red"}, {"id": 2, "message": "Two"}])
    assert [each.dedup_key for each in found.events] == ["1", "2"]
    assert found.left == [{"colour": "red"}]
    assert "mapping" in found.errors[0]


def test_lists_of_alerts_say_around_them_what_they_share_but_the_key() -> None:
    body = {
        "id": "batch-1",
        "host": "web-17",
        "alerts": [
            {"labels": {"alertname": "Full", "severity": "critical"}, "fingerprint": "a", "status": "firing"},
            {"annotations": {"summary": "Hot"}, "status": "resolved"},
            {"nothing": 1},
        ],
    }
    found = reading(body)
    assert [(each.summary, each.source, each.severity, each.action) for each in found.events] == [
        ("Full", "web-17", "critical", "trigger"),
        ("Hot", "web-17", "error", "resolve"),
    ]
    assert found.events[0].dedup_key == "a"
    assert found.events[1].dedup_key != "batch-1"
    assert found.left == {**body, "alerts": [{"nothing": 1}]}
    assert len(body["alerts"]) == 3


def test_too_many_events_are_refused_whole() -> None:
    with pytest.raises(NotUnderstood, match="Not an event"):
        reading([{"id": number, "name": "x"} for number in range(1001)])


NESTED = {
    "check": {"labels": {"host": "web-17", "disk.usage": 91, "app.kubernetes.io/name": "shop"}, "output": "91 %"},
    "items": [{"id": "a"}, {"id": "b"}],
    "open": True,
    "none": None,
}


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("check.labels.host", "web-17"),
        ("check.labels.disk.usage", "91"),
        ("check.labels.app.kubernetes.io/name", "shop"),
        ("items.1.id", "b"),
        ("items.2.id", ""),
        ("items.x", ""),
        ("check.labels.host.more", ""),
        ("open", "true"),
        ("none", ""),
        ("items.0", '{"id":"a"}'),
        ("{check.labels.host}: {check.output}", "web-17: 91 %"),
        ("{ check.labels.host } {{as it is}}", "web-17 {as it is}"),
        ("{nowhere} at {neither}", ""),
        ("{nowhere}{check.output}", "91 %"),
        ('"critical"', "critical"),
        ('"{check.output}"', "{check.output}"),
    ],
)
def test_patterns(pattern: str, text: str) -> None:
    assert filled(pattern, NESTED) == text


@pytest.mark.parametrize(
    ("mapping", "part"),
    [
        ({"summary": "{host"}, "summary"),
        ({"summary": "host}"}, "summary"),
        ({"dedup_key": "a..b"}, "dedup_key"),
        ({"source": "{}"}, "source"),
        ({"source": "."}, "source"),
        ({"link": ".".join("abcdefghijklm")}, "link"),
        ({"state": "x" * 501}, "state"),
        ({"each": "{alerts}"}, "each"),
        ({"each": '"alerts"'}, "each"),
        ({"resolved_words": ("up",), "ignored_words": ("up",)}, "ignored_words"),
        ({"resolved_words": ("x" * 101,)}, "resolved_words"),
        ({"severity_words": {"5": "terrible"}}, "severity_words"),
    ],
)
def test_mappings_that_cannot_be_followed(mapping: dict[str, Any], part: str) -> None:
    assert set(faults_of_mapping(WebhookMapping(**mapping))) == {part}


MAPPED: dict[str, Any] = {
    "each": "result.problems",
    "summary": "{host}: {text}",
    "dedup_key": "{host}/{check.id}",
    "state": "open",
    "severity": "weight",
    "source": "host",
    "service": '"mail"',
    "link": "{base}/p/{check.id}",
    "resolved_words": ("false",),
    "severity_words": {"5": "critical"},
}


def test_a_mapping_says_all_of_it() -> None:
    items = [
        {"host": "mx-1", "text": "Queue", "check": {"id": 3}, "open": True, "weight": 5, "status": "ok"},
        {"host": "mx-2", "text": "", "check": {"id": 3}, "open": False, "weight": 1},
    ]
    first, second = reading({"base": "https://m.example", "result": {"problems": items}}, **MAPPED).events
    assert (first.action, first.dedup_key, first.severity, first.source) == ("trigger", "mx-1/3", "critical", "mx-1")
    assert (first.summary, first.fields["service"]) == ("mx-1: Queue", "mail")
    assert first.links[0]["href"] == "https://m.example/p/3"
    assert (second.action, second.severity, second.summary) == ("resolve", "error", "mx-2")
    assert faults_of_mapping(WebhookMapping(**MAPPED)) == {}


def test_what_is_mapped_is_read_there_only_but_a_summary_is_found_anyhow() -> None:
    found = event({"title": "Disk", "status": "ok", "id": 3}, summary="nowhere", state="check.state", dedup_key="none")
    assert (found.summary, found.action) == ("Disk", "trigger")
    assert found.dedup_key != "3"


def test_a_list_that_is_not_there_is_said() -> None:
    with pytest.raises(NotUnderstood) as refused:
        reading({"id": 1, "name": "x"}, each="result.problems")
    assert "result.problems" in refused.value.errors[0]


def test_mappings_are_stored_and_read_back() -> None:
    mapping = WebhookMapping(**MAPPED)
    assert WebhookMapping.of_stored(json.loads(json.dumps(mapping.as_stored()))) == mapping
    assert WebhookMapping.of_stored({"summary": "x", "of a later version": 1}) == WebhookMapping(summary="x")
    assert WebhookMapping().as_stored() == {}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            uptime_kuma(0),
            ("trigger", "7", "error", "Webmail", "[Webmail] [🔴 Down] connect ECONNREFUSED 192.0.2.7:443"),
        ),
        (uptime_kuma(1), ("resolve", "7", "error", "Webmail", "[Webmail] [✅ Up] connect ECONNREFUSED 192.0.2.7:443")),
        (grafana_of_dashboards("alerting"), ("trigger", "1-42", "error", "Mail queue", "Mail queue: Queue is long")),
        (grafana_of_dashboards("ok"), ("resolve", "1-42", "error", "Mail queue", "Mail queue: Queue is long")),
        (uptimerobot("1"), ("trigger", "778899", "error", "Shop", "Shop Down: HTTP 502 - Bad Gateway")),
        (uptimerobot("2"), ("resolve", "778899", "error", "Shop", "Shop Up: HTTP 502 - Bad Gateway")),
        (zabbix("PROBLEM"), ("trigger", "123456", "error", "db-3", "MariaDB does not answer")),
        (zabbix("RESOLVED", "Disaster"), ("resolve", "123456", "critical", "db-3", "MariaDB does not answer")),
    ],
)
def test_known_tools_need_no_mapping(body: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert said(body) == expected


@pytest.mark.parametrize("body", [uptime_kuma(2), uptime_kuma(3), grafana_of_dashboards("paused"), uptimerobot("3")])
def test_what_known_tools_say_besides_trouble_is_kept_only(body: dict[str, Any]) -> None:
    assert event(body).action == "change"


def test_a_tools_own_test_and_a_key_with_a_mapping() -> None:
    assert event({"heartbeat": None, "monitor": None, "msg": "Testing"}).summary == "Testing"
    found = reading(uptime_kuma(1), summary="monitor.name", severity='"critical"')
    assert said(uptime_kuma(1), summary="monitor.name") == ("resolve", "7", "error", "Webmail", "Webmail")
    assert (found.shape.key if found.shape else "", found.events[0].severity) == ("uptime-kuma", "critical")


def test_the_words_of_a_known_tools_states_go_with_its_state() -> None:
    assert event(uptime_kuma(0), state="monitor.id", resolved_words=("7",)).action == "resolve"
    assert event(uptime_kuma(1), state="monitor.type").action == "trigger"
    assert event({**uptime_kuma(0), "live": 1}, state="live").action == "trigger"
    assert event(uptime_kuma(2), resolved_words=("2",), ignored_words=("0",)).action == "resolve"


BODY = {"id": 1, "summary": "Größe & Co"}


@pytest.mark.parametrize(
    "raw",
    [
        json.dumps(BODY).encode(),
        urlencode({"payload": json.dumps(BODY)}).encode(),
        urlencode({"payload": json.dumps(BODY), "token": "x"}).encode(),
        (
            b'--x1\r\nContent-Disposition: form-data; name="data"\r\n\r\n'
            + json.dumps(BODY, ensure_ascii=False).encode()
            + b"\r\n--x1--\r\n"
        ),
    ],
)
def test_json_is_found_however_it_is_wrapped(raw: bytes) -> None:
    assert read_webhook_body(raw) == BODY


def test_a_form_without_json_is_its_fields() -> None:
    assert said(read_webhook_body(urlencode(uptimerobot("1")).encode()))[:2] == ("trigger", "778899")


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"disk is full", b"{bad=1}", b"--", b"--x\r\nfoo", b"\xff=\xfe", b"[" * 99_999]
)
def test_what_is_no_json_is_refused_with_a_sentence(raw: bytes) -> None:
    with pytest.raises(ValueError, match="JSON parse error"):
        read_webhook_body(raw)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["id", "status", "summary", "alerts", "event", "a.b"]) | st.text(), inner)
    ),
    max_leaves=20,
)


@given(body=_JSON, path=st.text(alphabet="ab.0{}", max_size=12))
def test_nothing_breaks_the_reading(body: Any, path: str) -> None:
    at(body, path)
    for mapping in (WebhookMapping(), WebhookMapping(summary="event.summary", each="alerts")):
        try:
            found = read_webhook(body, mapping)
        except NotUnderstood as error:
            assert error.errors  # noqa: PT017  (either way is fine, but never in silence)
            continue
        for each in found.events:
            assert 0 < len(each.dedup_key) <= 255
            assert 0 < len(each.summary) <= 1024
