"""A run: one execution of one version of a plan."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from eap.models.plan import Plan, PlanVersion
from incidents.models import Incident
from people.models import Person
from web.secrets import EncryptedTextField


class Run(models.Model):
    """`running → paused` (and back) `→ stopping → done | failed | stopped`.

    It pins one version. `inputs` hold no secret ones; those are JSON in `secret_inputs`, encrypted.
    `inputs_given_by` are the ids of all who ever gave any of them, and so approve nothing. `parent` is the step of
    another run that this one carries out. `stop` is what somebody wished; `stop_confirmed` is false while nobody can
    prove that remote work ended ("stop not confirmed"). `undoing`: what is left to do is taking back. The engine looks
    at it at `next_look_at` (null: nothing to do by time). `trouble` is a visible error.
    `on_failure`: it failed, and the plan opens an incident for that, which becomes the run's own.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        STOPPING = "stopping", _("Stopping")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        STOPPED = "stopped", _("Stopped")

    class Stop(models.TextChoices):
        AFTER_STEP = "after_step", _("After the step")
        AFTER_BATCH = "after_batch", _("After the batch")
        NOW = "now", _("Now")

    class OnFailure(models.TextChoices):
        WANTED = "wanted", _("An incident is to be opened")
        OPENED = "opened", _("An incident was opened")

    OPEN: ClassVar[tuple[str, ...]] = ("running", "paused", "stopping")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="runs")
    version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="runs")
    title = models.CharField(max_length=200, help_text="The plan's, as the version says it.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    drill = models.BooleanField(default=False)
    incident = models.ForeignKey(Incident, null=True, blank=True, on_delete=models.PROTECT, related_name="runs")
    parent = models.ForeignKey(
        "eap.RunStep", null=True, blank=True, on_delete=models.PROTECT, related_name="child_runs"
    )
    inputs = models.JSONField(default=dict, blank=True)
    secret_inputs = EncryptedTextField(blank=True, default="", help_text="JSON: name to value.")
    inputs_revision = models.PositiveIntegerField(default=1, help_text="Grows with every change of the inputs.")
    inputs_given_by = models.JSONField(default=list, blank=True)
    started_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    started_by_name = models.CharField(max_length=100)
    started_via = models.CharField(max_length=20, help_text="web, api, cli, rule, schedule, webhook, plan.")
    reason = models.CharField(max_length=1000, blank=True, default="")
    stop = models.CharField(max_length=11, choices=Stop.choices, blank=True, default="")
    stop_confirmed = models.BooleanField(null=True, default=None)
    undoing = models.BooleanField(default=False)
    on_failure = models.CharField(max_length=6, choices=OnFailure.choices, blank=True, default="")
    outcome = models.CharField(max_length=500, blank=True, default="", help_text="How it ended, in a sentence.")
    trouble = models.CharField(max_length=300, blank=True, default="")
    next_look_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    number_of_steps = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["-started_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state__in=["running", "paused", "stopping", "done", "failed", "stopped"]),
                name="run_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["running", "paused", "stopping"], ended_at__isnull=True)
                | models.Q(state__in=["done", "failed", "stopped"], ended_at__isnull=False, next_look_at__isnull=True),
                name="run_ended_has_time",
            ),
            models.CheckConstraint(
                condition=models.Q(on_failure__in=["", "wanted", "opened"]), name="run_on_failure_known"
            ),
            models.CheckConstraint(
                condition=models.Q(stop__in=["", "after_step", "after_batch", "now"]), name="run_stop_known"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["next_look_at"], name="run_due", condition=models.Q(next_look_at__isnull=False)),
            models.Index(fields=["-started_at", "-id"], name="run_newest"),
            models.Index(fields=["plan"], name="run_on_failure", condition=~models.Q(on_failure="")),
            models.Index(
                fields=["-started_at"], name="run_open", condition=models.Q(state__in=["running", "paused", "stopping"])
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def subject(self) -> str:
        """Return the name under which pages, screens and the ledger know this run."""
        return f"run:{self.id}"

    @property
    def is_open(self) -> bool:
        """Tell whether it has not ended."""
        return self.state in Run.OPEN
