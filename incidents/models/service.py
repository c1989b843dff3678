"""What the company runs and what alerts are about."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from notifications.models import EscalationPolicy
from people.models import Team


class Service(models.Model):
    """Something customers buy or that others stand on; its policy says who is paged for it."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=100, unique=True)
    description = models.CharField(max_length=300, blank=True)
    policy = models.ForeignKey(EscalationPolicy, null=True, blank=True, on_delete=models.PROTECT)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name
