"""When administrators were last alarmed, so that one cause does not ring every second."""

from __future__ import annotations

from django.db import models


class Alarm(models.Model):
    """One cause of alarm and its last ringing; the row is what makes two processes ring once."""

    cause = models.CharField(max_length=100, primary_key=True)
    rung_at = models.DateTimeField()
    sentence = models.CharField(max_length=300, blank=True, default="")

    def __str__(self) -> str:
        return self.cause
