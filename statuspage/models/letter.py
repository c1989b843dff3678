"""What one subscriber is written besides updates: please confirm, you are subscribed already, we can't reach you."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from statuspage.models.subscriber import Subscriber


class Letter(models.Model):
    """One message to one subscriber: `pending → sending → sent`, `failed`, or `dropped` (there is nobody to write to).

    What is asked for is `choices` (language, components, minimum impact); they hold only once the receiver confirms
    this very letter. A request about an address that nobody knows leaves a row without a subscriber, so that known and
    unknown cost the same. What the letter says is decided when it is sent, by the subscriber's state then.
    """

    class Kind(models.TextChoices):
        SIGN_UP = "sign_up", _("Sign-up")
        ENDING = "ending", _("Asked to end")
        QUARANTINED = "quarantined", _("Could not be reached")

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        DROPPED = "dropped", _("Dropped")

    id = models.BigAutoField(primary_key=True)
    subscriber = models.ForeignKey(Subscriber, null=True, blank=True, on_delete=models.CASCADE, related_name="letters")
    kind = models.CharField(max_length=11, choices=Kind.choices)
    choices = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=40, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "sending", "sent", "failed", "dropped"]),
                name="letter_state_known",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at", "id"], name="letter_due", condition=models.Q(state="pending")),
            models.Index(fields=["lease_until"], name="letter_leased", condition=models.Q(state="sending")),
            models.Index(fields=["created_at"], name="letter_by_age"),
        ]
