"""Routing rules: what follows from an alert."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident, IncidentType, Service
from intake.rules.storm import Window, is_storm
from ledger.actor import Actor


class RoutingRule(models.Model):
    """The first active rule, by position, whose conditions all hold decides.

    `conditions` is a list of `{"field": "severity", "is": "equals|contains|matches|one_of", "value": ...}`; shape and
    meaning in `intake.rules.routing`. An empty list matches everything. A storm: more than `storm_alerts` within
    `storm_seconds` by this rule are one incident with a count and one page.
    """

    class Action(models.TextChoices):
        RECORD = "record", _("Record only")
        PAGE = "page", _("Page the service's policy")
        INCIDENT = "incident", _("Open an incident")

    class Ending(models.TextChoices):
        RESOLVE = "resolve", _("Resolve the incident")
        SUGGEST = "suggest", _("Suggest to resolve")

    name = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)
    conditions = models.JSONField(default=list, blank=True)
    action = models.CharField(max_length=10, choices=Action.choices)
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT)
    incident_type = models.CharField(max_length=20, choices=IncidentType.choices, default=IncidentType.OTHER)
    incident_severity = models.PositiveSmallIntegerField(default=3)
    on_all_resolved = models.CharField(max_length=10, choices=Ending.choices, blank=True, default="")
    storm_alerts = models.PositiveIntegerField(default=20)
    storm_seconds = models.PositiveIntegerField(default=60)

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(incident_severity__range=(1, 4)), name="rule_incident_severity_1_to_4"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def actor(self) -> Actor:
        """Return the actor that the ledger names for what this rule did."""
        return Actor(kind="rule", id=self.mark, name=f"Rule “{self.name}”", via="rule")

    @property
    def mark(self) -> str:
        """Return the opaque name by which incidents and pages remember this rule."""
        return f"rule:{self.pk}"

    @property
    def ending(self) -> str:
        """Return how its incidents end: as set, else `suggest` for SEV1 and SEV2 and `resolve` below."""
        return self.on_all_resolved or ("suggest" if self.incident_severity <= 2 else "resolve")


class Burst(models.Model):
    """A rule's present storm window: how many alerts since when, and the incident that takes the rest."""

    rule = models.OneToOneField(RoutingRule, primary_key=True, on_delete=models.CASCADE, related_name="burst")
    window_started_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)
    incident = models.ForeignKey(Incident, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    @property
    def is_storm(self) -> bool:
        """Tell whether the window holds more than the rule allows as single alerts."""
        return is_storm(Window(self.window_started_at, self.count), limit=self.rule.storm_alerts)
