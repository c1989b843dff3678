"""The scheduled test of ourselves: real messages to one person, and whether they arrived."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from people.models import Person, Schedule


class SelfTest(models.Model):
    """When the test comes and whom it writes to; one row, none where it is off.

    Either `person`, or whoever is on call by `schedule` then. `weekday` counts from Monday = 0, null: every day. `at`
    is a time of day in `time_zone`.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    schedule = models.ForeignKey(Schedule, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    weekday = models.PositiveSmallIntegerField(null=True, blank=True)
    at = models.TimeField()
    time_zone = models.CharField(max_length=64, default="UTC")
    next_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(id=1), name="self_test_once"),
            models.CheckConstraint(
                condition=models.Q(person__isnull=False, schedule__isnull=True)
                | models.Q(person__isnull=True, schedule__isnull=False),
                name="self_test_of_one",
            ),
            models.CheckConstraint(
                condition=models.Q(weekday__isnull=True) | models.Q(weekday__range=(0, 6)), name="self_test_weekday"
            ),
        ]


class SelfTestRun(models.Model):
    """One test: `deliveries` are the ids of its messages (those are pruned before it), `sentence` what came of it."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        PASSED = "passed", _("Passed")
        FAILED = "failed", _("Failed")

    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=7, choices=State.choices, default=State.RUNNING)
    deliveries = models.JSONField(default=list, blank=True)
    sentence = models.CharField(max_length=500, blank=True, default="")
    began_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state__in=["running", "passed", "failed"]), name="self_test_state_known"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["id"], name="self_test_running", condition=models.Q(state="running")),
        ]
