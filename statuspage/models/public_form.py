"""How often public forms were used: what floods and guessing are stopped by, counted by all processes together."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class FormUse(models.Model):
    """The uses of one form in one window of time, by one counter. Of no use after its window; pruned.

    `counter` says what is counted: one address or number (`key`), one place that asks (`place`), or everybody
    (`all`). `digest` is a keyed SHA-256 of which one, so that no address is kept.
    """

    purpose = models.CharField(max_length=20)
    counter = models.CharField(max_length=5)
    digest = models.CharField(max_length=64)
    window_ends_at = models.DateTimeField()
    uses = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["purpose", "counter", "digest", "window_ends_at"], name="form_use_once_per_window"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["window_ends_at"], name="form_use_by_end")]
