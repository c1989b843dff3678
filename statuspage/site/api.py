"""The page's JSON, exactly as readers of Statuspage's API v2 expect it: names, enums, nulls, order, limits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from statuspage.rules.impact import worst
from statuspage.site.addresses import Addresses
from statuspage.site.pieces import Component, Group, Incident, Update, text_in
from statuspage.site.snapshot import PageSnapshot

LIMIT: Final = 50
"""Incidents and maintenances that a history holds, as Statuspage does."""
Json = dict[str, Any]


def bodies(page: PageSnapshot, addresses: Addresses) -> Iterator[tuple[str, bytes]]:
    """Yield each path under the page's folder with its JSON, UTF-8."""
    api = _Api(page, addresses)
    for path, content in api.contents():
        yield f"api/v2/{path}.json", json.dumps({"page": api.page(), **content}, ensure_ascii=False).encode()


class _Api:
    def __init__(self, page: PageSnapshot, addresses: Addresses) -> None:
        self._page = page
        self._addresses = addresses
        self._zone = ZoneInfo(page.time_zone)
        self._rows = {each.id: self._component(each, 1) for each in page.all_components if each.archived}
        self._listed = list(self._in_order())
        self._rows |= {row["id"]: row for row in self._listed if not row["group"]}

    def contents(self) -> Iterator[tuple[str, Json]]:
        """Yield path and content beside the page block."""
        page, status = self._page, {"status": self._status()}
        unresolved = [self._incident(each) for each in page.open_incidents]
        coming = [self._incident(each) for each in page.coming]
        yield (
            "summary",
            {"components": self._listed, "incidents": unresolved, "scheduled_maintenances": coming, **status},
        )
        yield "status", status
        yield "components", {"components": self._listed}
        yield "incidents", {"incidents": [self._incident(each) for each in page.incidents[:LIMIT]]}
        yield "incidents/unresolved", {"incidents": unresolved}
        for path, maintenances in (
            ("scheduled-maintenances", page.maintenances[:LIMIT]),
            ("scheduled-maintenances/upcoming", [each for each in page.coming if each.status == "scheduled"]),
            ("scheduled-maintenances/active", [each for each in page.coming if each.status != "scheduled"]),
        ):
            yield path, {"scheduled_maintenances": [self._incident(each) for each in maintenances]}

    def page(self) -> Json:
        """Return the block that stands in every answer."""
        page = self._page
        return {
            "id": page.id,
            "name": page.name,
            "url": self._addresses.page,
            "time_zone": page.time_zone,
            "updated_at": self._moment(page.updated_at),
        }

    def _status(self) -> Json:
        return {"indicator": self._page.indicator, "description": self._page.description}

    def _in_order(self) -> Iterator[Json]:
        """Yield groups, each followed by its components, and components without a group, by their positions."""
        members: dict[str, list[Component]] = {group.id: [] for group in self._page.groups}
        top: list[Group | Component] = list(self._page.groups)
        for component in self._page.components:
            if component.group_id in members:
                members[component.group_id].append(component)
            else:
                top.append(component)
        for position, row in enumerate(sorted(top, key=lambda row: (row.position, row.name)), 1):
            if isinstance(row, Component):
                yield self._component(row, position)
            else:
                yield self._group(row, position, members[row.id])
                yield from (self._component(each, place) for place, each in enumerate(members[row.id], 1))

    def _component(self, component: Component, position: int) -> Json:
        return {
            "id": component.id,
            "name": component.name,
            "status": component.status,
            "created_at": self._moment(component.created_at),
            "updated_at": self._moment(component.updated_at),
            "position": position,
            "description": component.description or None,
            "showcase": component.showcase,
            "start_date": component.start_date.isoformat() if component.start_date else None,
            "group_id": component.group_id,
            "page_id": self._page.id,
            "group": False,
            "only_show_if_degraded": component.only_show_if_degraded,
        }

    def _group(self, group: Group, position: int, members: Sequence[Component]) -> Json:
        return {
            "id": group.id,
            "name": group.name,
            "status": worst(each.status for each in members),
            "created_at": self._moment(group.created_at),
            "updated_at": self._moment(group.updated_at),
            "position": position,
            "description": group.description or None,
            "showcase": False,
            "start_date": None,
            "group_id": None,
            "page_id": self._page.id,
            "group": True,
            "only_show_if_degraded": False,
            "components": [each.id for each in members],
        }

    def _incident(self, incident: Incident) -> Json:
        content = {
            "id": incident.id,
            "name": incident.name,
            "status": incident.status,
            "created_at": self._moment(incident.created_at),
            "updated_at": self._moment(incident.updated_at),
            "monitoring_at": self._moment(incident.monitoring_at),
            "resolved_at": self._moment(incident.resolved_at),
            "impact": incident.impact,
            "shortlink": self._addresses.incident(incident.id),
            "started_at": self._moment(incident.started_at),
            "page_id": self._page.id,
            "incident_updates": [self._update(update, incident.id) for update in incident.updates],
            "components": [self._rows[each.component_id] for each in incident.affected],
        }
        if incident.is_maintenance:
            content["scheduled_for"] = self._moment(incident.scheduled_for)
            content["scheduled_until"] = self._moment(incident.scheduled_until)
        return content

    def _update(self, update: Update, incident: str) -> Json:
        return {
            "id": update.id,
            "status": update.stage,
            "body": text_in(update.texts, self._page.language, "en"),
            "incident_id": incident,
            "created_at": self._moment(update.created_at),
            "updated_at": self._moment(update.updated_at),
            "display_at": self._moment(update.display_at),
            "affected_components": [
                {
                    "code": each.component_id,
                    "name": each.name,
                    "old_status": each.old_status,
                    "new_status": each.new_status,
                }
                for each in update.components
            ]
            or None,
            "deliver_notifications": update.deliver,
            "custom_tweet": None,
            "tweet_id": None,
        }

    def _moment(self, at: datetime | None) -> str | None:
        """Return a time as Statuspage writes it: milliseconds and the page's offset, `Z` for UTC."""
        if at is None:
            return None
        told = at.astimezone(self._zone).isoformat(timespec="milliseconds")
        return told.replace("+00:00", "Z") if self._zone.key in ("UTC", "Etc/UTC") else told
