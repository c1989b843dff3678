"""What exactly is approved, and who may let it out; pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ledger.rules import JSON, canonical


@dataclass(frozen=True, kw_only=True)
class Content:
    """Everything that customers will read or see when an update is published."""

    public_incident: str
    name: str
    names: Mapping[str, str]
    stage: str
    texts: Mapping[str, str]
    components: Mapping[str, str]
    affected: Mapping[str, str]
    servers: Sequence[str]
    deliver: bool
    impact_override: str
    started_at: datetime | None
    next_update_at: datetime | None
    scheduled_for: datetime | None
    scheduled_until: datetime | None


def digest(content: Content) -> str:
    """Return the SHA-256 (hex) of the content as canonical JSON: equal for equal content, whatever the order."""
    record: dict[str, JSON] = {
        "public_incident": content.public_incident,
        "name": content.name,
        "names": dict(content.names),
        "stage": content.stage,
        "texts": dict(content.texts),
        "components": dict(content.components),
        "affected": dict(content.affected),
        "servers": sorted(content.servers),
        "deliver": content.deliver,
        "impact_override": content.impact_override,
        "started_at": _moment(content.started_at),
        "next_update_at": _moment(content.next_update_at),
        "scheduled_for": _moment(content.scheduled_for),
        "scheduled_until": _moment(content.scheduled_until),
    }
    return hashlib.sha256(canonical(record)).hexdigest()


def refusal(*, approvals: int, approved: bool, override_open: bool, override_reason: str) -> str:
    """Return why an update may not go out yet, in a sentence; "" when it may."""
    if approved or approvals == 0:
        return ""
    if not override_reason.strip():
        return "A second person has to approve this update before customers read it."
    if not override_open:
        return "Open an emergency override first; yours is not open or its time is over."
    return ""


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(UTC).isoformat()
