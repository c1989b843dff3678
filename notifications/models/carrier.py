"""How each provider of each kind of message stands: one row per pair, made when there is something to say."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Carrier(models.Model):
    """One provider of one kind of message: its breaker, and when it may be given the next message.

    `open`: it failed too often, and messages go to the next provider. From `probe_at` on one real message that is due
    tries it again. `free_at` is when the next message may start under the provider's rate; null where nothing was sent
    or nothing limits it. All processes on all hosts read and lock this one row.
    """

    class State(models.TextChoices):
        CLOSED = "closed", _("In use")
        OPEN = "open", _("Passed over")

    kind = models.CharField(max_length=20)
    provider = models.CharField(max_length=20)
    state = models.CharField(max_length=6, choices=State.choices, default=State.CLOSED)
    reason = models.CharField(max_length=300, blank=True, default="", help_text="Why it is passed over.")
    changed_at = models.DateTimeField(null=True, blank=True)
    probe_at = models.DateTimeField(null=True, blank=True)
    free_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["kind", "provider"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "provider"], name="carrier_once"),
            models.CheckConstraint(condition=models.Q(state__in=["closed", "open"]), name="carrier_state_known"),
            models.CheckConstraint(
                condition=~models.Q(state="open") | models.Q(probe_at__isnull=False), name="carrier_open_is_probed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.provider}"
