"""What is said in public, as the API shows it."""

from __future__ import annotations

from datetime import date, datetime

from people.api_shapes import PersonRef
from web.api import Schema


class GroupOut(Schema):
    """A heading over components."""

    id: str
    name: str
    names: dict[str, str]
    description: str
    position: int


class PageOut(Schema):
    """A status page. `address` is where customers read it; a secret one's is for administrators alone."""

    id: str
    name: str
    slug: str
    audience: str
    address: str
    language: str
    languages: list[str]
    time_zone: str
    headline_uptime: str
    groups: list[GroupOut]
    archived_at: datetime | None


class ComponentOut(Schema):
    """What customers know a service as. `services` are keys."""

    id: str
    page_id: str
    group_id: str | None
    name: str
    names: dict[str, str]
    description: str
    status: str
    position: int
    showcase: bool
    only_show_if_degraded: bool
    start_date: date | None
    services: list[str]
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime


class SaidOut(Schema):
    """What an update says of a component; `old_status` is empty until it is published."""

    id: str
    name: str
    old_status: str
    new_status: str


class UpdateOut(Schema):
    """One word to customers. `digest` names what whoever approves it has read; it is empty in lists and once published.

    `override_reason`: published in an emergency without a second person. `automatic`: Muster itself said it.
    """

    id: str
    incident_id: str
    state: str
    stage: str
    texts: dict[str, str]
    components: list[SaidOut]
    deliver: bool
    next_update_at: datetime | None
    scheduled_for: datetime | None
    scheduled_until: datetime | None
    digest: str
    drafted_by: PersonRef | None
    approved_by: PersonRef | None
    approved_at: datetime | None
    override_reason: str
    automatic: bool
    display_at: datetime | None
    published_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


class AffectedOut(Schema):
    """A component that is hit, with its own recovery; of a maintenance: what it is while that runs."""

    id: str
    name: str
    status: str
    since: datetime
    recovered_at: datetime | None


class PublicIncidentOut(Schema):
    """What customers are told of; `updates` newest first, drafts included. `incident_id` is the internal one's, null
    where there is none or you may not see it. Nothing of it is public before `published_at`."""

    id: str
    page_id: str
    incident_id: str | None
    name: str
    names: dict[str, str]
    status: str
    impact: str
    started_at: datetime
    published_at: datetime | None
    monitoring_at: datetime | None
    resolved_at: datetime | None
    next_update_at: datetime | None
    automatic: bool
    discarded_at: datetime | None
    components: list[AffectedOut]
    servers: list[str]
    updates: list[UpdateOut]
    created_at: datetime
    updated_at: datetime
    version: int


class MaintenanceOut(PublicIncidentOut):
    """A scheduled maintenance, and what Muster does for it by itself."""

    scheduled_for: datetime
    scheduled_until: datetime
    remind_before_s: int | None
    reminded_at: datetime | None
    auto_start: bool
    auto_end: bool
    mutes_alerts: bool


class MetricOut(Schema):
    """A figure that a page shows as a chart."""

    id: str
    page_id: str
    name: str
    unit: str
    decimals: int
    created_at: datetime


class PointOut(Schema):
    """How many seconds got a value."""

    stored: int


class TemplateOut(Schema):
    """A prepared text; what stands in double braces is filled for a draft. `type` is an incident's, "" for any."""

    id: str
    label: str
    type: str
    stage: str
    names: dict[str, str]
    texts: dict[str, str]


class OverrideOut(Schema):
    """Until when you may publish alone."""

    id: str
    person: PersonRef
    since: datetime
    until: datetime
