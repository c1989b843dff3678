"""What hits somebody, as pages tell it in one language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from statuspage.customers.hits import Hit
from statuspage.site.addresses import incident_path
from statuspage.site.words import IMPACT, STAGE, Told


@dataclass(frozen=True, kw_only=True)
class ShownHit:
    """An incident or a maintenance in one language; `path` is its page under the status page's folder."""

    id: str
    name: str
    path: str
    tone: str
    stage: Told
    started_at: datetime
    scheduled_for: datetime | None
    scheduled_until: datetime | None
    planned: bool


def shown_hits(hits: Iterable[Hit], language: str) -> list[ShownHit]:
    """Return hits as they are told in `language`."""
    return [
        ShownHit(
            id=hit.id,
            name=hit.names.get(language) or hit.name,
            path=incident_path(hit.id),
            tone=IMPACT[hit.impact].tone,
            stage=STAGE[hit.status],
            started_at=hit.started_at,
            scheduled_for=hit.scheduled_for,
            scheduled_until=hit.scheduled_until,
            planned=hit.planned,
        )
        for hit in hits
    ]
