"""Events as they came, and the deduplicated alerts they open, update and resolve."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident, Service
from intake.models.key import IntegrationKey
from people.models import Person


class Alert(models.Model):
    """The condition behind events with one dedup key; at most one open or acknowledged per integration and key.

    `routed_at` is null until a routing rule has looked at it (the engine's inbox); `rule` is the one that took it.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        RESOLVED = "resolved", _("Resolved")

    class Severity(models.TextChoices):
        CRITICAL = "critical", _("Critical")
        ERROR = "error", _("Error")
        WARNING = "warning", _("Warning")
        INFO = "info", _("Info")

    integration = models.ForeignKey(IntegrationKey, on_delete=models.PROTECT, related_name="alerts")
    dedup_key = models.CharField(max_length=255)
    group_key = models.CharField(
        max_length=64,
        blank=True,
        default="",
        help_text="Digest of the tool's own grouping; its alerts share an incident.",
    )
    summary = models.CharField(max_length=1024)
    source = models.CharField(max_length=255)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT)
    fields = models.JSONField(default=dict, help_text="component, group, class, labels, custom details: for rules.")
    links = models.JSONField(default=list)
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    count = models.PositiveIntegerField(default=1)
    rule = models.ForeignKey("intake.RoutingRule", null=True, blank=True, on_delete=models.SET_NULL)
    incident = models.ForeignKey(Incident, null=True, blank=True, on_delete=models.PROTECT, related_name="alerts")
    page_id = models.UUIDField(null=True, default=None, help_text="The page a 'page' rule started.")
    acknowledged_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True, help_text="When the tool says the condition began.")
    routed_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(
        max_length=300, blank=True, default="", help_text="A visible error: no rule matched, no policy, routing failed."
    )
    muted = models.CharField(
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text="Why it was not routed: a maintenance explains it. Routed once that is over.",
    )
    settled_at = models.DateTimeField(
        null=True, blank=True, help_text="When what follows from its resolution was done; the engine's second inbox."
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["integration", "dedup_key"],
                condition=models.Q(state__in=["open", "acknowledged"]),
                name="alert_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "acknowledged", "resolved"]), name="alert_state_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="resolved") | models.Q(resolved_at__isnull=False),
                name="alert_resolved_has_time",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["id"], name="alert_to_route", condition=models.Q(routed_at__isnull=True)),
            models.Index(
                fields=["id"],
                name="alert_to_settle",
                condition=models.Q(state="resolved", settled_at__isnull=True),
            ),
            models.Index(
                fields=["incident"],
                name="alert_open_of_incident",
                condition=models.Q(state__in=["open", "acknowledged"]),
            ),
            models.Index(fields=["state", "-id"], name="alert_by_state"),
            models.Index(fields=["integration", "dedup_key", "-id"], name="alert_by_key"),
            models.Index(
                fields=["service", "id"],
                name="alert_muted",
                condition=models.Q(state__in=["open", "acknowledged"]) & ~models.Q(muted=""),
            ),
            models.Index(
                fields=["integration", "group_key"],
                name="alert_open_by_group",
                condition=models.Q(state__in=["open", "acknowledged"]) & ~models.Q(group_key=""),
            ),
        ]

    def __str__(self) -> str:
        return self.summary


class Event(models.Model):
    """What a tool sent, as it came (`raw`), kept for retention's time. Append-only; not chained."""

    class Action(models.TextChoices):
        TRIGGER = "trigger", _("Trigger")
        ACKNOWLEDGE = "acknowledge", _("Acknowledge")
        RESOLVE = "resolve", _("Resolve")
        CHANGE = "change", _("Change")

    integration = models.ForeignKey(IntegrationKey, on_delete=models.PROTECT, related_name="+")
    alert = models.ForeignKey(Alert, null=True, blank=True, on_delete=models.SET_NULL, related_name="events")
    action = models.CharField(max_length=12, choices=Action.choices)
    dedup_key = models.CharField(max_length=255, blank=True)
    raw = models.JSONField()
    received_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["received_at"], name="event_by_time"),
        ]
