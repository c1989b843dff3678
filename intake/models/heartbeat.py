"""Heartbeats: jobs that must report, and what they reported."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import Service
from intake.models.alert import Alert
from intake.models.key import IntegrationKey
from intake.rules.heartbeats import Schedule


class Heartbeat(models.Model):
    """A job that must report in time, by a period or a cron expression.

    Its name, its service and its key are those of its integration, through which its one alert (`dedup_key`) goes the
    way of all alerts. `next_look_at` is when it will be late unless it reports, or when people are reminded that it
    still is (the engine's inbox); null while it is paused.
    """

    class State(models.TextChoices):
        NEW = "new", _("Never heard")
        UP = "up", _("Up")
        STARTED = "started", _("Running")
        LATE = "late", _("Late")
        FAILED = "failed", _("Failed")
        PAUSED = "paused", _("Paused")

    integration = models.OneToOneField(IntegrationKey, on_delete=models.PROTECT, related_name="heartbeat")
    severity = models.CharField(max_length=8, choices=Alert.Severity.choices, default=Alert.Severity.ERROR)
    period_s = models.PositiveIntegerField(null=True, blank=True)
    cron = models.CharField(max_length=100, blank=True, default="")
    time_zone = models.CharField(max_length=64, default="UTC")
    grace_s = models.PositiveIntegerField()
    max_run_s = models.PositiveIntegerField(
        null=True, blank=True, help_text="How long a run may take from its start to its end."
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.NEW)
    expected_from = models.DateTimeField(help_text="Since when its schedule counts: made, changed or resumed.")
    last_ping_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_end_at = models.DateTimeField(null=True, blank=True, help_text="Its last success or failure.")
    started_at = models.DateTimeField(null=True, blank=True, help_text="Since when it runs, where it says so.")
    run_id = models.CharField(max_length=64, blank=True, default="", help_text="The run that is on.")
    expected_at = models.DateTimeField(null=True, blank=True, help_text="When a report is expected, or was missed.")
    waits_for_end = models.BooleanField(default=False, help_text="What is expected is the end of the run that is on.")
    next_look_at = models.DateTimeField(null=True, blank=True)
    ping_count = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["integration__name", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state__in=["new", "up", "started", "late", "failed", "paused"]),
                name="heartbeat_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(period_s__isnull=False, cron="") | (models.Q(period_s=None) & ~models.Q(cron="")),
                name="heartbeat_period_or_cron",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="paused") | models.Q(next_look_at=None),
                name="heartbeat_paused_is_not_looked_at",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["next_look_at"], name="heartbeat_due", condition=models.Q(next_look_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Return what people call it. Its integration is at hand."""
        return self.integration.name

    @property
    def service(self) -> Service | None:
        """Return what its alert is about."""
        return self.integration.service

    @property
    def dedup_key(self) -> str:
        """Return the key of its one alert."""
        return f"heartbeat:{self.pk}"

    @property
    def schedule(self) -> Schedule:
        """Return when it must report."""
        return Schedule(period_s=self.period_s, cron=self.cron, time_zone=self.time_zone)


class Ping(models.Model):
    """One report of a job, as it came. Append-only; the newest of each heartbeat are kept, for retention's time."""

    class Signal(models.TextChoices):
        START = "start", _("Started")
        SUCCESS = "success", _("Succeeded")
        FAIL = "fail", _("Failed")

    heartbeat = models.ForeignKey(Heartbeat, on_delete=models.CASCADE, related_name="pings")
    number = models.PositiveBigIntegerField(help_text="Counts the reports of its heartbeat.")
    signal = models.CharField(max_length=8, choices=Signal.choices)
    exit_status = models.PositiveSmallIntegerField(null=True, blank=True)
    run_id = models.CharField(max_length=64, blank=True, default="")
    at = models.DateTimeField()
    duration_ms = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="Of the run that ends by it, where its start was heard."
    )
    body = models.TextField(blank=True, default="")
    body_cut = models.BooleanField(default=False)
    came_from = models.CharField(max_length=45, blank=True, default="")

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["heartbeat", "number"], name="ping_number_once"),
            models.CheckConstraint(
                condition=models.Q(signal__in=["start", "success", "fail"]), name="ping_signal_known"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["at"], name="ping_by_time"),
            models.Index(
                fields=["heartbeat", "run_id", "-number"],
                name="ping_start_of_run",
                condition=models.Q(signal="start") & ~models.Q(run_id=""),
            ),
        ]
