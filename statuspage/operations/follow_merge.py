"""When incidents merge, what customers are told of the first one is from then on about the second."""

from __future__ import annotations

from datetime import datetime

from incidents.models import Incident
from statuspage.models import PublicIncident


def follow_merge(merged: Incident, into: Incident, now: datetime) -> None:  # noqa: ARG001  (the registry's shape)
    """Let the public incidents of `merged` stand for `into`. Both incidents are locked by the merge.

    Only the reference moves, so no public incident is locked and customers read what they read before. Those of a
    private incident stay with it when the other one is open to all of staff: their drafts are not for everybody.
    """
    if into.private or not merged.private:
        PublicIncident.objects.filter(incident=merged).update(incident=into)
