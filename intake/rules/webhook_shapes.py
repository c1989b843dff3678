"""Under which names tools usually say what, and tools whose bodies are known whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from intake.rules.mapping import WebhookMapping
from intake.rules.paths import at

# Compared without case, underscores and hyphens: alertId is alert_id. The most telling comes first, since a bare "id"
# is often the message's own and another one each time.
NAMES: Final = {
    "summary": (
        *("summary", "title", "message", "text", "description", "alert", "name", "msg", "subject", "alertname"),
        *("eventname", "problem", "rulename", "checkname", "monitorname"),
    ),
    "dedup_key": (
        *("dedupkey", "fingerprint", "alertid", "incidentkey", "incidentid", "problemid", "eventid", "monitorid"),
        *("checkid", "ruleid", "id", "key"),
    ),
    "state": ("eventaction", "state", "status", "alertstate", "alertstatus", "eventstatus", "monitorstatus"),
    "severity": ("severity", "level", "priority", "urgency", "sev", "criticality"),
    "source": ("source", "host", "hostname", "instance", "server", "node", "device"),
    "service": ("service", "servicename"),
    "link": (
        *("link", "url", "href", "alerturl", "incidenturl", "eventurl", "ruleurl", "dashboardurl", "generatorurl"),
        *("permalink", "detailsurl", "monitorurl"),
    ),
}
INSIDE: Final = (
    *("payload", "alert", "event", "incident", "problem", "check", "monitor", "issue", "data"),
    *("labels", "annotations"),
)
"""Objects in which the names are looked for too, after the body itself."""
LISTS: Final = ("alerts", "events")
"""Lists of objects under these names are several events."""

RESOLVED: Final = frozenset(
    (
        *("resolved", "resolve", "ok", "okay", "closed", "close", "recovered", "recovery", "up", "online", "normal"),
        *("clear", "cleared", "solved", "healthy", "passing", "inactive", "fixed"),
    )
)
ACKNOWLEDGED: Final = frozenset(("acknowledged", "acknowledge", "acked", "ack"))


@dataclass(frozen=True, kw_only=True)
class KnownShape:
    """A tool that is recognised by what its bodies hold, and how they are read."""

    key: str
    name: str
    signs: tuple[str, ...]
    mapping: WebhookMapping

    def fits(self, body: Any) -> bool:
        """Tell whether a body is this tool's."""
        return all(at(body, sign) is not None for sign in self.signs)


SHAPES: Final = (
    KnownShape(
        key="uptime-kuma",
        name="Uptime Kuma",
        signs=("heartbeat.status", "monitor.id", "msg"),
        mapping=WebhookMapping(
            summary="msg",
            dedup_key="{monitor.id}",
            state="heartbeat.status",
            source="monitor.name",
            link="monitor.url",
            resolved_words=("1",),
            ignored_words=("2", "3"),  # pending, and maintenance
        ),
    ),
    KnownShape(
        key="grafana-legacy",
        name="Grafana, alerts of dashboards",
        signs=("ruleId", "ruleName", "state"),
        mapping=WebhookMapping(
            summary="{ruleName}: {message}",
            dedup_key="{orgId}-{ruleId}",
            state="state",
            source="ruleName",
            link="ruleUrl",
            ignored_words=("paused", "pending"),
        ),
    ),
    KnownShape(
        key="uptimerobot",
        name="UptimeRobot",
        signs=("monitorID", "alertType"),
        mapping=WebhookMapping(
            summary="{monitorFriendlyName} {alertTypeFriendlyName}: {alertDetails}",
            dedup_key="monitorID",
            state="alertType",
            source="monitorFriendlyName",
            link="monitorURL",
            resolved_words=("2",),
            ignored_words=("3",),  # a certificate or a domain that ends some day
        ),
    ),
)


def shape_of(body: Any) -> KnownShape | None:
    """Return the tool that sent a body, where it is known."""
    return next((shape for shape in SHAPES if shape.fits(body)), None)
