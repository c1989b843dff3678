"""Keys by which monitoring tools reach us."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import Service
from web.secrets import EncryptedTextField


class IntegrationKey(models.Model):
    """One tool's address here. Found by SHA-256; the key itself is kept encrypted so that it can be shown again."""

    class Kind(models.TextChoices):
        EVENTS_V2 = "events_v2", _("PagerDuty Events API v2")
        ALERTMANAGER = "alertmanager", _("Prometheus Alertmanager")
        GRAFANA = "grafana", _("Grafana")
        WEBHOOK = "webhook", _("Any JSON")
        HEARTBEAT = "heartbeat", _("Heartbeat")

    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    digest = models.CharField(max_length=64, unique=True)
    key = EncryptedTextField()
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT)
    mapping = models.JSONField(
        default=dict, db_default={}, blank=True, help_text="What of a webhook's JSON is what (intake.rules.mapping)."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name
