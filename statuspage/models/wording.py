"""How updates come about: texts prepared in calm times, and who must agree before customers read them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from incidents.models import IncidentType
from people.models import Person
from statuspage.ids import new_id
from statuspage.models.incident import Stage


class UpdateTemplate(models.Model):
    """A prepared text for an incident type ("" for any) and a stage. Placeholders are filled from the incident."""

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    label = models.CharField(max_length=100)
    incident_type = models.CharField(max_length=20, choices=IncidentType.choices, blank=True, default="")
    stage = models.CharField(max_length=13, choices=Stage.choices)
    names = models.JSONField(default=dict, help_text="Language code to the public name.")
    texts = models.JSONField(default=dict, help_text="Language code to the text.")
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["incident_type", "stage", "label"]

    def __str__(self) -> str:
        return self.label


class PublishingPolicy(models.Model):
    """Per severity of the incident behind it (0: none): how many others must approve, and what Muster does by itself.

    `promise_s` is how soon customers are promised to hear more. `holds_s`: when an incident of this severity has a
    shown component and customers have heard nothing for so long, Muster says "we are looking into it"; null: never.
    """

    severity = models.PositiveSmallIntegerField(primary_key=True)
    approvals = models.PositiveSmallIntegerField(default=1)
    promise_s = models.PositiveIntegerField(default=1800)
    holds_s = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["severity"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(severity__range=(0, 4)), name="publishing_severity_0_to_4"),
            models.CheckConstraint(condition=models.Q(approvals__lte=1), name="publishing_at_most_one_approval"),
        ]


class EmergencyOverride(models.Model):
    """From `since` to `until` this person may publish without a second one. Each use is in the ledger."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-since"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(until__gt=models.F("since")), name="override_has_a_time_box"),
        ]
