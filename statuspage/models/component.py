"""Components, their groups, and the append-only timeline of what hit them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import Service
from statuspage.ids import new_id
from statuspage.models.page import StatusPage


class ComponentStatus(models.TextChoices):
    """The five states, in Statuspage's words, best first."""

    OPERATIONAL = "operational", _("Operational")
    UNDER_MAINTENANCE = "under_maintenance", _("Under maintenance")
    DEGRADED_PERFORMANCE = "degraded_performance", _("Degraded performance")
    PARTIAL_OUTAGE = "partial_outage", _("Partial outage")
    MAJOR_OUTAGE = "major_outage", _("Major outage")


class ComponentGroup(models.Model):
    """A heading over components; groups are one level deep."""

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    page = models.ForeignKey(StatusPage, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=100)
    names = models.JSONField(default=dict, blank=True, help_text="Other languages: code to name.")
    description = models.CharField(max_length=300, blank=True, default="")
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["page", "name"], name="component_group_once_per_page"),
        ]

    def __str__(self) -> str:
        return self.name


class Component(models.Model):
    """What customers know a service as. `status` is the worst that its timeline says now; only operations write it.

    `start_date`: uptime counts from that day. `showcase`: its uptime strip is shown. Archived ones keep their history.
    """

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    page = models.ForeignKey(StatusPage, on_delete=models.CASCADE, related_name="components")
    group = models.ForeignKey(
        ComponentGroup, null=True, blank=True, on_delete=models.SET_NULL, related_name="components"
    )
    name = models.CharField(max_length=100)
    names = models.JSONField(default=dict, blank=True, help_text="Other languages: code to name.")
    description = models.CharField(max_length=300, blank=True, default="")
    position = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=20, choices=ComponentStatus.choices, default=ComponentStatus.OPERATIONAL)
    showcase = models.BooleanField(default=True)
    only_show_if_degraded = models.BooleanField(default=False)
    start_date = models.DateField(null=True, blank=True)
    services = models.ManyToManyField(Service, blank=True, related_name="components")
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(status__in=ComponentStatus.values), name="component_status_known"
            ),
            models.UniqueConstraint(
                fields=["page", "group", "name"],
                condition=models.Q(archived_at__isnull=True),
                nulls_distinct=False,
                name="component_once_per_group",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ImpactChange(models.Model):
    """One step of a component's timeline: from `at` on, `source` says `status`. Rows are only ever added.

    The source is a public incident or maintenance, or nobody (set by hand). A component's state at a moment is the
    worst that its sources say then. `recorded_at` later than `at` shows that history was written afterwards. A row
    that `supersedes` another one takes its place; the other one stays readable. The database refuses update, delete
    and truncate.
    """

    component = models.ForeignKey(Component, on_delete=models.PROTECT, related_name="impacts")
    source = models.ForeignKey(
        "statuspage.PublicIncident", null=True, blank=True, on_delete=models.PROTECT, related_name="impacts"
    )
    status = models.CharField(max_length=20, choices=ComponentStatus.choices)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    by_name = models.CharField(max_length=100, blank=True, default="")
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["at", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["component", "at"], name="impact_of_component"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(status__in=ComponentStatus.values), name="impact_status_known"),
        ]
