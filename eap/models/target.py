"""What automations run on, one row for each execution, and the lines they say."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from eap.models.run import Run
from eap.models.step import RunStep


class StepTarget(models.Model):
    """`pending → running → done | failed | unknown | skipped | stopped`: one action on one host.

    An automation without hosts has one row whose `name` is empty. The host is kept as the inventory knew it at the
    start. An executor may take it from `released_at` on (null: not yet its turn). While it runs, `lease_until` is moved
    on by a heartbeat; `fence` grows with each taking, and a result is recorded for the current fence only. `resuming`:
    its executor vanished, and the action is asked what became of it. `attempt_group` counts what people ordered,
    `tries` what was repeated by itself within one of them; the idempotency key is run, step, name, attempt group.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Not started")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        UNKNOWN = "unknown", _("Unknown")
        SKIPPED = "skipped", _("Skipped")
        STOPPED = "stopped", _("Stopped")

    class Purpose(models.TextChoices):
        """Which of the action's methods is called."""

        APPLY = "apply", _("Do")
        VERIFY = "verify", _("Check")
        UNDO = "undo", _("Take back")
        REHEARSE = "rehearse", _("Rehearse")
        PREVIEW = "preview", _("Preview")

    step = models.ForeignKey(RunStep, on_delete=models.CASCADE, related_name="targets")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=8, choices=Purpose.choices, default=Purpose.APPLY)
    name = models.CharField(max_length=200, blank=True, default="")
    address = models.CharField(max_length=300, blank=True, default="")
    groups = models.JSONField(default=list, blank=True)
    variables = models.JSONField(default=dict, blank=True)
    position = models.PositiveIntegerField(default=0)
    wave = models.PositiveIntegerField(default=0, help_text="0 is the canary.")
    state = models.CharField(max_length=7, choices=State.choices, default=State.PENDING)
    attempt_group = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    released_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)
    resuming = models.BooleanField(default=False)
    sentence = models.CharField(max_length=1000, blank=True, default="")
    facts = models.JSONField(default=dict, blank=True)
    stop_confirmed = models.BooleanField(null=True, default=None)
    lines = models.PositiveIntegerField(default=0, help_text="How many lines of the log it has said.")
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["wave", "position", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["step", "name"], condition=~models.Q(purpose="preview"), name="step_target_once"
            ),
            models.UniqueConstraint(fields=["step"], condition=models.Q(purpose="preview"), name="step_preview_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "running", "done", "failed", "unknown", "skipped", "stopped"]),
                name="step_target_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(purpose__in=["apply", "verify", "undo", "rehearse", "preview"]),
                name="step_target_purpose_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state="running", lease_until__isnull=False)
                | (~models.Q(state="running") & models.Q(lease_until__isnull=True)),
                name="step_target_running_has_lease",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["step", "state"], name="step_target_states"),
            models.Index(
                fields=["released_at"],
                name="step_target_released",
                condition=models.Q(state="pending", released_at__isnull=False),
            ),
            models.Index(fields=["lease_until"], name="step_target_leased", condition=models.Q(state="running")),
        ]

    def __str__(self) -> str:
        return self.name or f"step {self.step_id}"

    @property
    def key(self) -> str:
        """Return the idempotency key: the same for a try that is repeated, another one for a new attempt."""
        return f"{self.run_id}:{self.step_id}:{self.name}:{self.attempt_group}"


class LogLine(models.Model):
    """One line of a run's log, redacted; `id` is the cursor."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+")
    step = models.ForeignKey(RunStep, on_delete=models.CASCADE, related_name="+")
    target_name = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()
    text = models.CharField(max_length=4000)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["run", "id"], name="log_line_of_run"),
            models.Index(fields=["step", "id"], name="log_line_of_step"),
        ]
