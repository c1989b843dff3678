"""The phone bridge: one conference for each grave incident, and who was called into it or came."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from people.models import Person
from web.secrets import EncryptedTextField


class Bridge(models.Model):
    """An incident's conference. `room` is what the provider calls it, `pin` lets in who dials our number.

    `closing_at`: the incident is over, and who still talks is let go then. `closed_at`: nobody comes in any more;
    `ended_at`: the provider has let everybody go. `looked_at` is when we last knew from the provider who is in it.
    """

    incident = models.OneToOneField(Incident, primary_key=True, on_delete=models.CASCADE, related_name="bridge")
    room = models.CharField(max_length=64, unique=True)
    pin = EncryptedTextField()
    opened_at = models.DateTimeField()
    closing_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | models.Q(closed_at__isnull=False),
                name="bridge_ended_after_closed",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["opened_at"], name="bridge_open", condition=models.Q(ended_at__isnull=True)),
        ]


class BridgeCaller(models.Model):
    """One call of one person (or of somebody who knew the PIN) into a bridge.

    `wanted → calling → joining → on_line → left`, or `missed` with the reason. `call` is the provider's id.
    """

    class State(models.TextChoices):
        WANTED = "wanted", _("Dialled next")
        CALLING = "calling", _("Ringing")
        JOINING = "joining", _("Joining")
        ON_LINE = "on_line", _("On the line")
        LEFT = "left", _("Left")
        MISSED = "missed", _("Not reached")

    class How(models.TextChoices):
        KEY = "key", _("joined by keypad")
        CALLED_IN = "called_in", _("called in")
        DIALLED = "dialled", _("dialled in")

    bridge = models.ForeignKey(Bridge, on_delete=models.CASCADE, related_name="callers")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="bridge_calls")
    name = models.CharField(max_length=100)
    number = models.CharField(max_length=20, blank=True, default="")
    how = models.CharField(max_length=10, choices=How.choices)
    state = models.CharField(max_length=10, choices=State.choices)
    call = models.CharField(max_length=64, blank=True, default="")
    reason = models.CharField(max_length=300, blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["created_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state__in=["wanted", "calling", "joining", "on_line", "left", "missed"]),
                name="bridge_caller_state_known",
            ),
            models.UniqueConstraint(fields=["bridge", "call"], condition=~models.Q(call=""), name="bridge_call_once"),
            models.UniqueConstraint(
                fields=["bridge", "person"],
                condition=models.Q(state__in=["wanted", "calling"]),
                name="bridge_calls_person_once",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["created_at"], name="bridge_to_dial", condition=models.Q(state__in=["wanted", "calling"])
            ),
        ]

    @property
    def is_open(self) -> bool:
        """Tell whether this call is still under way or on the line."""
        return self.state not in (BridgeCaller.State.LEFT, BridgeCaller.State.MISSED)


class WrongBridgePin(models.Model):
    """A PIN that opened no bridge, by the number it came from; kept as long as it counts."""

    number = models.CharField(max_length=20, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["-at"], name="wrong_bridge_pin_by_time")]
