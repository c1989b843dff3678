"""Live call routing: the numbers that customers call, and each of their calls."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident, Service
from incidents.rules.numbers import severity_name
from people.models import Person


class CallLine(models.Model):
    """One inbound number: what callers hear first, what they may choose, what a voicemail opens.

    `number` is E.164. `ring_s` is how long each level of a service's policy rings.
    """

    number = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60, unique=True)
    greeting = models.CharField(max_length=300, blank=True, default="")
    language = models.CharField(max_length=10, default="en")
    severity = models.PositiveSmallIntegerField(default=2)
    ring_s = models.PositiveSmallIntegerField(default=20)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(severity__range=(1, 4)), name="call_line_severity_1_to_4"),
            models.CheckConstraint(condition=models.Q(ring_s__range=(5, 60)), name="call_line_rings_5_to_60"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def severity_name(self) -> str:
        """Return "SEV1" to "SEV4"."""
        return severity_name(self.severity)


class CallChoice(models.Model):
    """A key of a line's menu and the service it stands for; `position` is the key."""

    line = models.ForeignKey(CallLine, on_delete=models.CASCADE, related_name="choices")
    position = models.PositiveSmallIntegerField()
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["line", "position"], name="call_choice_key_once"),
            models.UniqueConstraint(fields=["line", "service"], name="call_choice_service_once"),
            models.CheckConstraint(condition=models.Q(position__range=(1, 9)), name="call_choice_key_1_to_9"),
        ]


class LiveCall(models.Model):
    """One call to a line. `call` is the provider's id; `policy` the frozen levels that are rung one after the other.

    `greeting → ringing → talking → ended`, or `voicemail → recorded`, or `gave_up`. `recording` is the provider's
    address: it opens with the provider's credentials only.
    """

    class State(models.TextChoices):
        GREETING = "greeting", _("Choosing")
        RINGING = "ringing", _("Ringing")
        TALKING = "talking", _("Talking")
        VOICEMAIL = "voicemail", _("Leaving a message")
        RECORDED = "recorded", _("Left a message")
        ENDED = "ended", _("Answered")
        GAVE_UP = "gave_up", _("Gave up")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    line = models.ForeignKey(CallLine, null=True, on_delete=models.SET_NULL, related_name="calls")
    line_name = models.CharField(max_length=60)
    call = models.CharField(max_length=64, unique=True)
    caller = models.CharField(max_length=20, blank=True, default="")
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    policy = models.JSONField(null=True, blank=True)
    level = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.GREETING)
    taken_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    incident = models.ForeignKey(Incident, null=True, blank=True, on_delete=models.SET_NULL, related_name="calls")
    recording = models.CharField(max_length=300, blank=True, default="")
    recording_s = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-began_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["greeting", "ringing", "talking", "voicemail", "recorded", "ended", "gave_up"]
                ),
                name="live_call_state_known",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["-began_at"], name="live_call_newest")]

    @property
    def subject(self) -> str:
        """Return the name under which the ledger knows this call."""
        return f"call:{self.pk}"

    @property
    def is_over(self) -> bool:
        """Tell whether the caller has hung up."""
        return self.ended_at is not None
