"""What starts runs by itself: schedules, webhooks, incidents."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from eap.models.plan import Plan
from eap.models.run import Run
from incidents.models import Incident
from people.models import Person


class RunSchedule(models.Model):
    """A plan that is run again and again, usually as a drill: daily, on a weekday, or on a day of the month.

    `at` is a time of day in `time_zone`; `weekday` counts from Monday = 0; a month that has no `day` takes its last
    one. The next run starts at `next_at`; one that was missed for more than a day is not made up for.
    """

    class Every(models.TextChoices):
        DAY = "day", _("Every day")
        WEEK = "week", _("Every week")
        MONTH = "month", _("Every month")

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="schedules")
    every = models.CharField(max_length=5, choices=Every.choices)
    at = models.TimeField()
    weekday = models.PositiveSmallIntegerField(null=True, blank=True)
    day = models.PositiveSmallIntegerField(null=True, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    drill = models.BooleanField(default=True)
    inputs = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    next_at = models.DateTimeField(null=True, blank=True, help_text="Null: switched off.")
    last_run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    trouble = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(every="day", weekday__isnull=True, day__isnull=True)
                | models.Q(every="week", weekday__range=(0, 6), day__isnull=True)
                | models.Q(every="month", weekday__isnull=True, day__range=(1, 31)),
                name="run_schedule_makes_sense",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["next_at"], name="run_schedule_due", condition=models.Q(next_at__isnull=False)),
        ]


class RunHook(models.Model):
    """A secret address that starts a plan: `POST /integrations/plans/<key>`. Only the key's SHA-256 is kept."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="hooks")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    drill = models.BooleanField(default=False)
    inputs = models.JSONField(default=dict, blank=True, help_text="Used where the request gives none.")
    created_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "id"]


class AutomaticStart(models.Model):
    """An incident that started a plan, or was to: once for each of both, whatever happens twice."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+")
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    trouble = models.CharField(max_length=300, blank=True, default="", help_text="Why it could not start.")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["plan", "incident"], name="automatic_start_once"),
        ]
