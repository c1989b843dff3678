"""All that one page shows at one moment, read in a bounded number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from statuspage.addresses import folder, public_address
from statuspage.models import StatusPage
from statuspage.rules.languages import LANGUAGES
from statuspage.rules.rollup import rollup
from statuspage.site import rows, standing
from statuspage.site.body import web_address
from statuspage.site.pieces import Component, Group, Incident, Metric, Server


@dataclass(frozen=True, kw_only=True)
class PageSnapshot:
    """A page as it is shown; plain values only. `incidents` and `maintenances` are whole histories, newest first.

    `folder` is its place under the root: "" or `pages/<slug or secret>/`; "" for a password page, which has none.
    `url` is where it is read when that is not its folder; `languages` starts with the page's
    own. `indicator` and `description` are the roll-up in Statuspage's words (English; the pages translate it).
    """

    id: str
    name: str
    folder: str
    audience: str
    headline: str
    url: str
    support_url: str
    languages: tuple[str, ...]
    time_zone: str
    accent: str
    accent_dark: str
    logo: bytes | None
    logo_type: str
    headline_uptime: str
    takes_subscribers: bool
    takes_feedback: bool
    updated_at: datetime
    now: datetime
    indicator: str
    description: str
    groups: tuple[Group, ...]
    all_components: tuple[Component, ...]
    incidents: tuple[Incident, ...]
    maintenances: tuple[Incident, ...]
    metrics: tuple[Metric, ...]
    servers: tuple[Server, ...]

    @property
    def language(self) -> str:
        """Return the page's own language."""
        return self.languages[0]

    @cached_property
    def open_incidents(self) -> tuple[Incident, ...]:
        """Return the unresolved ones, newest first."""
        return tuple(incident for incident in self.incidents if incident.is_open)

    @cached_property
    def coming(self) -> tuple[Incident, ...]:
        """Return maintenance that is announced or under way, the next one first."""
        return tuple(sorted((each for each in self.maintenances if each.is_open), key=_starts))

    @cached_property
    def component_by_id(self) -> dict[str, Component]:
        """Return components by id, archived ones too."""
        return {component.id: component for component in self.all_components}

    @cached_property
    def components(self) -> tuple[Component, ...]:
        """Return the components that are in use, in the order of their positions."""
        return tuple(component for component in self.all_components if not component.archived)


def _starts(maintenance: Incident) -> datetime:
    return maintenance.scheduled_for or maintenance.started_at


def load(page_id: str, *, now: datetime) -> PageSnapshot:
    """Read a page as it is at `now`. Raises `StatusPage.DoesNotExist`.

    The number of queries does not depend on how much there is. Call it inside one transaction of isolation level
    repeatable read where the parts must agree to the row.
    """
    page = StatusPage.objects.get(pk=page_id)
    private = page.audience == StatusPage.Audience.PASSWORD
    components = standing.components(page, now=now)
    incidents = rows.incidents(page)
    shown = [each for each in components if not each.archived]
    unresolved = [each for each in incidents if each.is_open and not each.is_maintenance]
    overall = rollup([each.status for each in shown], impacts=[each.impact for each in unresolved])
    return PageSnapshot(
        id=page.id,
        name=page.name,
        folder="" if private else folder(page),
        audience=page.audience,
        headline=page.headline,
        url=public_address(page) if private else web_address(page.url),
        support_url=web_address(page.support_url),
        languages=languages_of(page),
        time_zone=page.time_zone,
        accent=page.accent,
        accent_dark=page.accent_dark,
        logo=bytes(page.logo) if page.logo else None,
        logo_type=page.logo_type,
        headline_uptime=page.headline_uptime,
        takes_subscribers=page.takes_subscribers,
        takes_feedback=page.takes_feedback,
        updated_at=max([page.updated_at, *(c.updated_at for c in components), *(i.updated_at for i in incidents)]),
        now=now,
        indicator=overall.indicator,
        description=overall.description,
        groups=standing.groups(page),
        all_components=components,
        incidents=tuple(each for each in incidents if not each.is_maintenance),
        maintenances=tuple(each for each in incidents if each.is_maintenance),
        metrics=standing.metrics(page, now=now),
        servers=standing.servers(page, now=now),
    )


def languages_of(page: StatusPage) -> tuple[str, ...]:
    """Return a page's languages, its own one first; those that the fixed text does not exist in are left out."""
    wished = dict.fromkeys([page.language, *page.languages])
    return tuple(code for code in wished if code in LANGUAGES) or ("en",)
