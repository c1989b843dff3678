"""What could not be understood: answered as its protocol demands, kept, and replayable."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from intake.models.key import IntegrationKey


class Quarantined(models.Model):
    """A rejected event as it came, with the reason. `body` holds at most the protocol's size limit."""

    integration = models.ForeignKey(IntegrationKey, null=True, blank=True, on_delete=models.SET_NULL)
    path = models.CharField(max_length=200)
    reason = models.CharField(max_length=500)
    body = models.BinaryField()
    received_at = models.DateTimeField()
    replayed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        verbose_name_plural = "quarantine"
