"""What customers are told: public incidents, scheduled maintenance, and their updates."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from people.models import Person
from statuspage.ids import new_id
from statuspage.models.component import Component, ComponentStatus
from statuspage.models.page import StatusPage


class Stage(models.TextChoices):
    """Public words: the first five of an incident, the others of a scheduled maintenance."""

    INVESTIGATING = "investigating", _("Investigating")
    IDENTIFIED = "identified", _("Identified")
    MONITORING = "monitoring", _("Monitoring")
    RESOLVED = "resolved", _("Resolved")
    POSTMORTEM = "postmortem", _("Postmortem")
    SCHEDULED = "scheduled", _("Scheduled")
    IN_PROGRESS = "in_progress", _("In progress")
    VERIFYING = "verifying", _("Verifying")
    COMPLETED = "completed", _("Completed")


INCIDENT_STAGES = ("investigating", "identified", "monitoring", "resolved", "postmortem")
MAINTENANCE_STAGES = ("scheduled", "in_progress", "verifying", "completed")
UNRESOLVED_STAGES = ("investigating", "identified", "monitoring")


class Impact(models.TextChoices):
    """How bad a public incident is, as Statuspage counts."""

    NONE = "none", _("None")
    MINOR = "minor", _("Minor")
    MAJOR = "major", _("Major")
    CRITICAL = "critical", _("Critical")
    MAINTENANCE = "maintenance", _("Maintenance")


class PublicIncident(models.Model):
    """An incident or a scheduled maintenance on one page, with everything said about it.

    Nothing of it is public before its first update is published (`published_at`). `status` is the stage of its newest
    published update. `impact` follows the affected components, unless `impact_override` says otherwise. Customers were
    promised to hear more at `next_update_at`. The `scheduled_*`, `auto_*` and `remind_before_s` fields are a
    maintenance's. `mutes_alerts`: alerts of the components' services wait while it runs.
    """

    class Kind(models.TextChoices):
        INCIDENT = "incident", _("Incident")
        MAINTENANCE = "maintenance", _("Scheduled maintenance")

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    page = models.ForeignKey(StatusPage, on_delete=models.CASCADE, related_name="incidents")
    kind = models.CharField(max_length=11, choices=Kind.choices, default=Kind.INCIDENT)
    incident = models.ForeignKey(
        Incident, null=True, blank=True, on_delete=models.PROTECT, related_name="public_incidents"
    )
    name = models.CharField(max_length=200)
    names = models.JSONField(default=dict, blank=True, help_text="Other languages: code to name.")
    status = models.CharField(max_length=13, choices=Stage.choices, default=Stage.INVESTIGATING)
    impact = models.CharField(max_length=11, choices=Impact.choices, default=Impact.NONE)
    impact_override = models.CharField(max_length=11, choices=Impact.choices, blank=True, default="")
    started_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    monitoring_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    next_update_at = models.DateTimeField(null=True, blank=True)
    scheduled_for = models.DateTimeField(null=True, blank=True)
    scheduled_until = models.DateTimeField(null=True, blank=True)
    remind_before_s = models.PositiveIntegerField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    auto_start = models.BooleanField(default=True)
    auto_end = models.BooleanField(default=True)
    mutes_alerts = models.BooleanField(default=True)
    automatic = models.BooleanField(default=False, help_text="Muster itself said that we are looking into it.")
    discarded_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["-started_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(kind="incident", status__in=INCIDENT_STAGES)
                | models.Q(kind="maintenance", status__in=MAINTENANCE_STAGES),
                name="public_incident_stage_fits_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="incident", scheduled_for__isnull=True, scheduled_until__isnull=True)
                | models.Q(kind="maintenance", scheduled_for__lt=models.F("scheduled_until")),
                name="public_incident_schedule_fits_kind",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="maintenance") | models.Q(impact="maintenance"),
                name="public_incident_maintenance_impact",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["page", "kind", "-started_at"], name="public_incident_newest"),
            models.Index(
                fields=["scheduled_for"],
                name="maintenance_open",
                condition=models.Q(kind="maintenance", status__in=["scheduled", "in_progress", "verifying"]),
            ),
            models.Index(
                fields=["page"],
                name="public_incident_open",
                condition=models.Q(kind="incident", status__in=UNRESOLVED_STAGES),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> str:
        """Return the name under which the ledger and live screens know it."""
        return f"public_incident:{self.id}"


class AffectedComponent(models.Model):
    """A component hit by a public incident, with its own recovery time; `status` is what the incident says of it now.

    For a maintenance, `status` is what the component will be while it runs.
    """

    public_incident = models.ForeignKey(PublicIncident, on_delete=models.CASCADE, related_name="affected")
    component = models.ForeignKey(Component, on_delete=models.PROTECT, related_name="affected_by")
    status = models.CharField(max_length=20, choices=ComponentStatus.choices)
    since = models.DateTimeField()
    recovered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["public_incident", "component"], name="affected_component_once"),
        ]


class StatusUpdate(models.Model):
    """One word to customers: `draft → approved → published`, or `discarded`.

    `texts` maps language codes to plain text with blank lines between paragraphs; the page's own language is always
    there. `digest` is the SHA-256 of what was approved; an edit clears it and returns the update to draft. `deliver`:
    subscribers are told. `override_reason`: published in an emergency without a second person. `journal_id` names the
    entry of an emergency publication that this was imported from. `scheduled_*` are the times that a maintenance gets
    with this update; null leaves those it has.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        PUBLISHED = "published", _("Published")
        DISCARDED = "discarded", _("Discarded")

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    public_incident = models.ForeignKey(PublicIncident, on_delete=models.CASCADE, related_name="updates")
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    stage = models.CharField(max_length=13, choices=Stage.choices)
    texts = models.JSONField(default=dict)
    deliver = models.BooleanField(default=True)
    next_update_at = models.DateTimeField(null=True, blank=True)
    scheduled_for = models.DateTimeField(null=True, blank=True)
    scheduled_until = models.DateTimeField(null=True, blank=True)
    drafted_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    drafted_by_name = models.CharField(max_length=100, blank=True, default="")
    approved_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True, default="")
    override_reason = models.CharField(max_length=300, blank=True, default="")
    automatic = models.BooleanField(default=False)
    journal_id = models.CharField(max_length=64, null=True, blank=True, unique=True)
    display_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["-display_at", "-created_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "approved", "published", "discarded"]),
                name="status_update_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state="published", published_at__isnull=False, display_at__isnull=False)
                | (~models.Q(state="published") & models.Q(published_at__isnull=True)),
                name="status_update_published_at",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="approved") | models.Q(approved_at__isnull=False),
                name="status_update_approved_at",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["public_incident"],
                name="status_update_waiting",
                condition=models.Q(state__in=["draft", "approved"]),
            ),
        ]


class UpdateComponent(models.Model):
    """What an update says of a component. `old_status` is filled when it is published."""

    update = models.ForeignKey(StatusUpdate, on_delete=models.CASCADE, related_name="components")
    component = models.ForeignKey(Component, on_delete=models.PROTECT, related_name="+")
    old_status = models.CharField(max_length=20, choices=ComponentStatus.choices, blank=True, default="")
    new_status = models.CharField(max_length=20, choices=ComponentStatus.choices)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["update", "component"], name="update_component_once"),
        ]
