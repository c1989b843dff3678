"""An incident, and the roles people hold in it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models.service import Service
from incidents.rules.numbers import headline
from people.models import Person


class IncidentType(models.TextChoices):
    """What kind of trouble it is; plans and templates choose by it."""

    INTRUSION = "intrusion", _("Intrusion")
    DATA_LOSS = "data_loss", _("Data loss")
    BACKUP_FAILURE = "backup_failure", _("Backup failure")
    FAILED_UPDATE = "failed_update", _("Failed update")
    HARDWARE = "hardware", _("Hardware")
    NETWORK = "network", _("Network")
    DDOS = "ddos", _("DDoS")
    ABUSE = "abuse", _("Spam and abuse")
    MAIL = "mail", _("Mail")
    DNS = "dns", _("DNS")
    THIRD_PARTY = "third_party", _("Third party")
    OTHER = "other", _("Other")


class Incident(models.Model):
    """Something people respond to. `number` is for phones; `alert_count` is summed by the engine.

    `opened_by_rule` names the routing rule as opaque text (`"rule:<id>"`), empty when a person declared.
    `muster_state` copies the muster's state so that lists need no join: none, gathering, complete, exhausted.
    """

    class Status(models.TextChoices):
        TRIAGE = "triage", _("Triage")
        INVESTIGATING = "investigating", _("Investigating")
        IDENTIFIED = "identified", _("Identified")
        MONITORING = "monitoring", _("Monitoring")
        RESOLVED = "resolved", _("Resolved")
        CLOSED = "closed", _("Closed")
        DECLINED = "declined", _("Declined")
        MERGED = "merged", _("Merged")

    class Muster(models.TextChoices):
        NONE = "none", _("Not needed")
        GATHERING = "gathering", _("Gathering")
        COMPLETE = "complete", _("Complete")
        EXHAUSTED = "exhausted", _("Exhausted")

    OPEN: ClassVar[tuple[str, ...]] = ("triage", "investigating", "identified", "monitoring")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveIntegerField(unique=True, editable=False)
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True, default="")
    severity = models.PositiveSmallIntegerField(default=3)
    type = models.CharField(max_length=20, choices=IncidentType.choices, default=IncidentType.OTHER)
    status = models.CharField(max_length=14, choices=Status.choices, default=Status.TRIAGE)
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT, related_name="incidents")
    private = models.BooleanField(default=False)
    muster_state = models.CharField(max_length=10, choices=Muster.choices, default=Muster.NONE)
    declared_by_name = models.CharField(max_length=100, blank=True)
    declared_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    declared_via = models.CharField(max_length=20, blank=True)
    opened_by_rule = models.CharField(max_length=60, blank=True, default="")
    alert_count = models.PositiveIntegerField(default=0)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")
    suggestion = models.CharField(
        max_length=300, blank=True, default="", help_text="Such as: all alerts are resolved, resolve this?"
    )
    trouble = models.CharField(
        max_length=300, blank=True, default="", help_text="A visible error: nobody answered, nobody to call."
    )
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0, help_text="Grows with each change; screens compare it.")

    class Meta:
        ordering: ClassVar[list[str]] = ["-opened_at", "-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(severity__range=(1, 4)), name="incident_severity_1_to_4"),
            models.CheckConstraint(
                condition=models.Q(
                    status__in=[
                        "triage",
                        "investigating",
                        "identified",
                        "monitoring",
                        "resolved",
                        "closed",
                        "declined",
                        "merged",
                    ]
                ),
                name="incident_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status="merged", merged_into__isnull=False)
                | (~models.Q(status="merged") & models.Q(merged_into__isnull=True)),
                name="incident_merged_into_one",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-opened_at", "-number"], name="incident_newest"),
            models.Index(
                fields=["severity", "-opened_at"],
                name="incident_open",
                condition=models.Q(status__in=["triage", "investigating", "identified", "monitoring"]),
            ),
            models.Index(fields=["id"], name="incident_private", condition=models.Q(private=True)),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def subject(self) -> str:
        """Return the name under which pages and the ledger know this incident."""
        return f"incident:{self.id}"

    @property
    def headline(self) -> str:
        """Return what pages and messages call it: "SEV1 1042: …"; a private one's title stays inside Muster."""
        return headline(severity=self.severity, number=self.number, title=self.title, private=self.private)

    @property
    def is_open(self) -> bool:
        """Tell whether people still respond to it."""
        return self.status in Incident.OPEN


class RoleName(models.TextChoices):
    """Roles held by one person at a time (ICS/NIMS terms)."""

    COMMANDER = "commander", _("Incident commander")
    DEPUTY = "deputy", _("Deputy")
    OPERATIONS = "operations", _("Operations lead")
    COMMUNICATIONS = "communications", _("Communications lead")
    SCRIBE = "scribe", _("Scribe")
    SPONSOR = "sponsor", _("Executive sponsor")


class RoleAssignment(models.Model):
    """One person's time in one role; handed over explicitly, so history stays."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=20, choices=RoleName.choices)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="incident_roles")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["since"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["incident", "role"], condition=models.Q(until__isnull=True), name="role_held_by_one"
            ),
        ]
