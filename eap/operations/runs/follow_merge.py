"""Runs follow their incident when it is merged into another."""

from __future__ import annotations

from datetime import datetime

from eap.models import Run
from incidents.models import Incident


def follow_merge(merged: Incident, into: Incident, _now: datetime) -> None:
    """Let the runs of an incident belong to the one that took it in. Both are locked; locks the runs."""
    Run.objects.filter(incident=merged).update(incident=into)
