"""What each severity means, and which leaders it musters."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from notifications.models import Urgency
from people.models import Tier


class SeverityPolicy(models.Model):
    """SEV1 (worst) to SEV4: the written meaning and how urgently people are paged."""

    severity = models.PositiveSmallIntegerField(primary_key=True)
    meaning = models.CharField(max_length=300)
    high_urgency = models.BooleanField(default=True)
    rounds = models.PositiveSmallIntegerField(default=3, help_text="How often a tier's page is gone through.")
    remind_after_s = models.PositiveIntegerField(null=True, blank=True)
    repage_after_s = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["severity"]
        verbose_name_plural = "severity policies"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(severity__range=(1, 4)), name="severity_1_to_4"),
        ]

    def __str__(self) -> str:
        return f"SEV{self.severity}"

    @property
    def urgency(self) -> str:
        """Return how urgently its pages reach people."""
        return Urgency.HIGH if self.high_urgency else Urgency.LOW


class MusterRequirement(models.Model):
    """This severity needs `quorum` people of this tier within `deadline_s`; each successor gets `succession_s`."""

    severity = models.ForeignKey(SeverityPolicy, on_delete=models.CASCADE, related_name="requirements")
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT)
    quorum = models.PositiveSmallIntegerField(default=1)
    deadline_s = models.PositiveIntegerField(default=300)
    succession_s = models.PositiveIntegerField(default=180)

    class Meta:
        ordering: ClassVar[list[str]] = ["tier__rank"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["severity", "tier"], name="muster_requirement_once"),
            models.CheckConstraint(condition=models.Q(quorum__gte=1), name="muster_quorum_at_least_one"),
        ]
