"""What the API takes to say something in public."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from web.api import Window
from web.api.fields import Given, Moment, Name, Text

ComponentState = Literal["operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage"]
AnyStage = Literal[
    "investigating",
    "identified",
    "monitoring",
    "resolved",
    "postmortem",
    "scheduled",
    "in_progress",
    "verifying",
    "completed",
]
Texts = Annotated[dict[Name, Text], Field(max_length=20, description="Language code to text.")]
States = Annotated[dict[Name, ComponentState], Field(max_length=500, description="Component id to state.")]
Servers = Annotated[list[Name], Field(max_length=20_000, description="Names of servers of the page.")]


class ComponentsAsked(Window):
    """Which components: of a page (id or slug), archived ones too."""

    page: Name = ""
    archived: bool = False


class IncidentsAsked(Window):
    """Which of what customers are told: of a page (id or slug), in a stage, `open`, or nothing published (`draft`)."""

    page: Name = ""
    status: Literal["", "open", "draft", AnyStage] = ""


class MetricsAsked(Window):
    """Which figures: of a page (id or slug)."""

    page: Name = ""


class ComponentIn(Given):
    """A component. Without `page` it is the page at the root. `group` is an id, `services` are keys or ids."""

    page: Name = ""
    name: Name
    names: Texts = {}
    group: Name | None = None
    description: Name = ""
    showcase: bool = True
    only_show_if_degraded: bool = False
    start_date: date | None = None
    services: Annotated[list[Name], Field(max_length=100)] = []


class ComponentChangeIn(Given):
    """What changes; what is left out stays. `group` null takes it out of its group."""

    name: Name | None = None
    names: Texts | None = None
    group: Name | None = None
    description: Name | None = None
    showcase: bool | None = None
    only_show_if_degraded: bool | None = None
    start_date: date | None = None
    services: Annotated[list[Name], Field(max_length=100)] | None = None


class ComponentStateIn(Given):
    """The state that you say by hand, without a public incident."""

    status: ComponentState


class _Told(Given):
    """`text` is in the page's own language, `texts` are by language; give one of them or both."""

    text: Text = ""
    texts: Texts = {}
    deliver: bool = True


class _Words(_Told):
    """What customers are told, and how the components stand."""

    components: States = {}

    def by_language(self, own: str) -> dict[str, str]:
        """Return the texts by language."""
        return {own: self.text, **self.texts} if self.text else dict(self.texts)


class IncidentIn(_Words):
    """A public incident with its first update. `incident` is the internal one (id or number): its words stay inside."""

    page: Name = ""
    name: Name
    names: Texts = {}
    stage: Literal["investigating", "identified", "monitoring", "resolved"] = "investigating"
    servers: Servers = []
    incident: Name = ""
    next_update_at: Moment | None = None
    started_at: Moment | None = None
    impact: Literal["", "none", "minor", "major", "critical"] = ""


class UpdateIn(_Words):
    """A further update."""

    stage: AnyStage
    next_update_at: Moment | None = None


class UpdateChangeIn(Given):
    """What changes in a draft; what is left out stays. An approval is void afterwards."""

    stage: AnyStage | None = None
    text: Text | None = None
    texts: Texts | None = None
    components: States | None = None
    deliver: bool | None = None
    next_update_at: Moment | None = None
    name: Name | None = None
    names: Texts | None = None
    servers: Servers | None = None


class ApproveIn(Given):
    """The `digest` of what you have read."""

    digest: Name


class PublishIn(Given):
    """Why no second person approved it; needs an emergency override of yours that is open."""

    override_reason: Name = ""


class OverrideIn(Given):
    """Why you must publish alone, and for how long."""

    reason: Name
    minutes: int = 30


class MaintenanceIn(_Words):
    """A maintenance with its first update. `components` is what they will be while it runs."""

    page: Name = ""
    name: Name
    names: Texts = {}
    scheduled_for: Moment
    scheduled_until: Moment
    remind_before_s: int | None = None
    auto_start: bool = True
    auto_end: bool = True
    mutes_alerts: bool = True
    servers: Servers = []


class MaintenanceChangeIn(Given):
    """What Muster does by itself; what is left out stays."""

    remind_before_s: int | None = None
    auto_start: bool | None = None
    auto_end: bool | None = None
    mutes_alerts: bool | None = None


class RescheduleIn(_Told):
    """Other times, with what customers are told of it; they hold once that update is published."""

    scheduled_for: Moment
    scheduled_until: Moment


class CancelIn(_Told):
    """What customers are told."""


class MetricIn(Given):
    """A figure; `unit` stands behind it."""

    page: Name = ""
    name: Name
    unit: Name = ""
    decimals: int = 0


class PointIn(Given):
    """A value at a second."""

    at: Moment
    value: float


class PointsIn(Given):
    """Values; a later one for the same second takes the first one's place."""

    points: Annotated[list[PointIn], Field(max_length=5_000)]
