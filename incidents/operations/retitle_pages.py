"""Keep the pages' words and order those of their incident."""

from __future__ import annotations

from collections.abc import Sequence

from incidents.models import Incident
from notifications.models import Delivery, Page


def retitle_pages(incident: Incident, *, pages: Sequence[Page]) -> None:
    """Give locked open pages the incident's present title and severity; what is still to be sent goes by it too."""
    ids = [page.pk for page in pages]
    Page.objects.filter(pk__in=ids).update(title=incident.headline, severity=incident.severity)
    unsent = Delivery.objects.filter(page__in=ids, state=Delivery.State.PENDING)
    unsent.exclude(severity=incident.severity).update(severity=incident.severity)
