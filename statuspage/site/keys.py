"""What files are made from, as short digests: a page that would come out the same is not made again."""

from __future__ import annotations

from statuspage.rules.uptime import Day
from statuspage.site.addresses import Addresses
from statuspage.site.assets import Assets
from statuspage.site.file import key_of
from statuspage.site.pieces import Component, Incident
from statuspage.site.snapshot import PageSnapshot


class Keys:
    """Digests of a page's pieces. Each is made once, for all languages and all files that show the piece."""

    def __init__(self, page: PageSnapshot, *, addresses: Addresses, assets: Assets) -> None:
        """Take what frames every file of the page: its name, its links, its looks."""
        self.frame = key_of(
            *(page.name, page.audience, page.support_url, page.languages, page.time_zone, page.headline_uptime),
            *(page.takes_subscribers, page.takes_feedback, addresses, assets),
        )
        self._names = {each.id: (each.name, each.names) for each in page.all_components}
        self._incidents: dict[str, str] = {}
        self._days: dict[int, str] = {}

    def incident(self, incident: Incident) -> str:
        """Return the digest of an incident with everything said about it and the names of what it hit."""
        found = self._incidents.get(incident.id)
        if found is None:
            names = [self._names.get(each.component_id) for each in incident.affected]
            found = self._incidents[incident.id] = key_of(incident, names)
        return found

    def component(self, component: Component) -> str:
        """Return the digest of a component and its record, as far as it is shown: seconds that only passed are not."""
        days = component.days
        if id(days) not in self._days:
            self._days[id(days)] = key_of([_shown(day) for day in days])
        return key_of(
            *(component.name, component.names, component.description, component.status, self._days[id(days)]),
            *(_cut(component.uptime.excluded), _cut(component.uptime.included)),
        )


def _shown(day: Day) -> tuple[object, ...]:
    return day.day.toordinal(), day.worst, day.degraded_s, day.partial_s, day.major_s, day.maintenance_s


def _cut(figure: float | None) -> str:
    return "" if figure is None else f"{figure:.4f}"
