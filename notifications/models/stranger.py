"""Texts that nobody answers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class IgnoredText(models.Model):
    """How many texts of one day came from numbers that are nobody's, or that may not be used (any more).

    No number is kept: whoever texts a wrong number has told us nothing.
    """

    class Reason(models.TextChoices):
        UNKNOWN = "unknown", _("Unknown number")
        SWITCHED_OFF = "switched_off", _("Number switched off")

    reason = models.CharField(max_length=12, choices=Reason.choices)
    on = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["reason", "on"], name="ignored_text_once_a_day"),
        ]
