"""Muster itself says something to customers: no draft, no approval, and the ledger tells so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Max

from ledger.actor import Actor
from statuspage.models import PublicIncident, StatusUpdate
from statuspage.operations.draft_update import set_components
from statuspage.operations.take_effect import take_effect

MUSTER: Final = Actor.system()
INSTANT: Final = timedelta(milliseconds=1)
"""The API's finest time; what was said before must not look as if it came after."""


def speak(
    public: PublicIncident,
    stage: str,
    *,
    texts: Mapping[str, str],
    now: datetime,
    at: datetime | None = None,
    components: Mapping[str, str] | None = None,
) -> StatusUpdate:
    """Publish an automatic update of a locked public incident and return it.

    It stands after everything said before, also where it makes up for a moment (`at`) that nobody was there to record.
    """
    published = public.updates.filter(state=StatusUpdate.State.PUBLISHED)
    last = published.aggregate(at=Max("display_at"))["at"]
    at = at or now
    if last is not None and at <= last:
        at = last + INSTANT
    update = StatusUpdate.objects.create(
        public_incident=public,
        stage=stage,
        texts=dict(texts),
        automatic=True,
        drafted_by_name=MUSTER.name,
        created_at=now,
        updated_at=now,
        version=1,
    )
    set_components(update, components or {})
    return take_effect(update, by=MUSTER, now=now, at=at)
