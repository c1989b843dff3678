"""When incidents merge, their alerts follow, so that the count and the end stay true."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from incidents.models import Incident
from intake.models import Alert


def follow_merge(merged: Incident, into: Incident, now: datetime) -> None:  # noqa: ARG001  (the registry's shape)
    """Move the alerts of `merged` to `into` and add its count. Both incidents are locked by the merge."""
    Alert.objects.filter(incident=merged).update(incident=into)
    Incident.objects.filter(pk=into.pk).update(alert_count=F("alert_count") + merged.alert_count)
