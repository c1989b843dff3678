"""Figures that a page shows as a chart."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from statuspage.ids import new_id
from statuspage.models.page import StatusPage


class Metric(models.Model):
    """A figure pushed by API, such as a response time; `unit` stands behind it ("ms")."""

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    page = models.ForeignKey(StatusPage, on_delete=models.CASCADE, related_name="metrics")
    name = models.CharField(max_length=100)
    unit = models.CharField(max_length=20, blank=True, default="")
    decimals = models.PositiveSmallIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["page", "name"], name="metric_once_per_page"),
        ]

    def __str__(self) -> str:
        return self.name


class MetricPoint(models.Model):
    """One value at one second. A second value for the same second takes the first one's place."""

    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="points")
    at = models.DateTimeField()
    value = models.FloatField()

    class Meta:
        ordering: ClassVar[list[str]] = ["at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["metric", "at"], name="metric_point_once"),
        ]
