"""What tools post, in the shapes of their own sources and pages."""

from __future__ import annotations

from typing import Any


def uptime_kuma(status: int, **more: Any) -> dict[str, Any]:
    """Return what Uptime Kuma posts: 0 down, 1 up, 2 pending, 3 maintenance."""
    word = {0: "🔴 Down", 1: "✅ Up"}.get(status, "…")
    return {
        "heartbeat": {
            "monitorID": 7,
            "status": status,
            "time": "2026-11-22 03:12:00.123",
            "msg": "connect ECONNREFUSED 192.0.2.7:443",
            "important": True,
            "duration": 60,
            "timezone": "Europe/Stockholm",
        },
        "monitor": {
            "id": 7,
            "name": "Webmail",
            "url": "https://webmail.example/",
            "hostname": None,
            "type": "http",
            "interval": 60,
            "active": True,
            "tags": [],
        },
        "msg": f"[Webmail] [{word}] connect ECONNREFUSED 192.0.2.7:443",
        **more,
    }


def grafana_of_dashboards(state: str) -> dict[str, Any]:
    """Return what Grafana's alerts of dashboards post."""
    return {
        "dashboardId": 1,
        "evalMatches": [{"value": 100, "metric": "High value", "tags": None}],
        "message": "Queue is long",
        "orgId": 1,
        "panelId": 2,
        "ruleId": 42,
        "ruleName": "Mail queue",
        "ruleUrl": "https://grafana.example/d/mail?viewPanel=2",
        "state": state,
        "tags": {},
        "title": f"[{state.title()}] Mail queue",
    }


def uptimerobot(alert_type: str) -> dict[str, str]:
    """Return UptimeRobot's fields: 1 down, 2 up, 3 a certificate that ends."""
    return {
        "monitorID": "778899",
        "monitorURL": "https://shop.example",
        "monitorFriendlyName": "Shop",
        "alertType": alert_type,
        "alertTypeFriendlyName": {"1": "Down", "2": "Up"}.get(alert_type, "SSL"),
        "alertDetails": "HTTP 502 - Bad Gateway",
        "alertDuration": "",
    }


def zabbix(status: str, severity: str = "High") -> dict[str, str]:
    """Return what Zabbix posts with the parameters of the documentation."""
    return {
        "event_id": "123456",
        "status": status,
        "severity": severity,
        "summary": "MariaDB does not answer",
        "host": "db-3",
    }
