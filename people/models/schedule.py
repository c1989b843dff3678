"""On-call schedules: rotations in a time zone, and overrides."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from people.models.person import Person


class Schedule(models.Model):
    """A duty that somebody holds at any moment; rotations with a higher position win over lower ones."""

    name = models.CharField(max_length=100, unique=True)
    time_zone = models.CharField(max_length=64, default="UTC", help_text=_("IANA name such as Europe/Stockholm."))

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class Rotation(models.Model):
    """People taking turns of `turn_length` days or weeks, handing over at `handover_at` local time.

    The first turn starts on `starts_on`; `ends_on` (exclusive) may be empty.
    """

    class Kind(models.TextChoices):
        DAILY = "daily", _("Daily")
        WEEKLY = "weekly", _("Weekly")

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="rotations")
    name = models.CharField(max_length=100, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.WEEKLY)
    turn_length = models.PositiveSmallIntegerField(default=1)
    handover_at = models.TimeField(help_text=_("In the schedule's time zone."))
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    people: models.ManyToManyField[Person, RotationMember] = models.ManyToManyField(Person, through="RotationMember")

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(kind__in=["daily", "weekly"]), name="rotation_kind_known"),
            models.CheckConstraint(condition=models.Q(turn_length__gte=1), name="rotation_turn_at_least_one"),
        ]


class RotationMember(models.Model):
    """One person's place in a rotation; position orders the turns."""

    rotation = models.ForeignKey(Rotation, on_delete=models.CASCADE, related_name="places")
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "id"]


class Override(models.Model):
    """Somebody takes the duty for a while, whatever the rotation says: [starts_at, ends_at)."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="overrides")
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["starts_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="override_ends_later"),
        ]
