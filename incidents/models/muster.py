"""The muster: the roll-call of the leaders an incident needs."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models.incident import Incident
from people.models import Person


class Muster(models.Model):
    """`gathering → complete` or `exhausted`; the time until complete is the headline figure."""

    class State(models.TextChoices):
        GATHERING = "gathering", _("Gathering")
        COMPLETE = "complete", _("Complete")
        EXHAUSTED = "exhausted", _("Exhausted")

    incident = models.OneToOneField(Incident, primary_key=True, on_delete=models.CASCADE, related_name="muster")
    state = models.CharField(max_length=10, choices=State.choices, default=State.GATHERING)
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state__in=["gathering", "complete", "exhausted"]), name="muster_state_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="complete") | models.Q(completed_at__isnull=False),
                name="muster_complete_has_time",
            ),
        ]


class MusterTier(models.Model):
    """One tier that must be reached: frozen name, quorum and deadline, and the page that does it.

    `page_id` is the id of a `notifications.Page`, null while the tier waits for the page of another one that calls
    its people; `line` freezes the line of succession as person ids, each of whom has `succession_s` to answer.
    """

    class State(models.TextChoices):
        GATHERING = "gathering", _("Gathering")
        COMPLETE = "complete", _("Complete")
        EXHAUSTED = "exhausted", _("Exhausted")

    muster = models.ForeignKey(Muster, on_delete=models.CASCADE, related_name="tiers")
    key = models.CharField(max_length=30)
    name = models.CharField(max_length=100)
    rank = models.PositiveSmallIntegerField()
    quorum = models.PositiveSmallIntegerField()
    deadline_s = models.PositiveIntegerField(default=300)
    succession_s = models.PositiveIntegerField(default=180)
    deadline = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.GATHERING)
    completed_at = models.DateTimeField(null=True, blank=True)
    page_id = models.UUIDField(null=True, default=None)
    line = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar[list[str]] = ["rank", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["muster", "key"], name="muster_tier_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["gathering", "complete", "exhausted"]), name="muster_tier_state_known"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["deadline"], name="muster_tier_due", condition=models.Q(state="gathering")),
        ]


class MusterSeat(models.Model):
    """One person in the roll-call of one tier; `stands_in_for` is set for a successor.

    `succeeded`: somebody else stands in for this person.
    """

    class State(models.TextChoices):
        CALLED = "called", _("Called")
        DELIVERED = "delivered", _("Delivered")
        CONFIRMED = "confirmed", _("Confirmed")
        DECLINED = "declined", _("Declined")
        LATE = "late", _("Late")
        SUCCEEDED = "succeeded", _("Succeeded")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tier = models.ForeignKey(MusterTier, on_delete=models.CASCADE, related_name="seats")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="muster_seats")
    state = models.CharField(max_length=10, choices=State.choices, default=State.CALLED)
    position = models.PositiveSmallIntegerField(default=0)
    called_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    via = models.CharField(max_length=20, blank=True, default="")
    stands_in_for = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "called_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tier", "person"], name="muster_seat_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["called", "delivered", "confirmed", "declined", "late", "succeeded"]),
                name="muster_seat_state_known",
            ),
        ]
