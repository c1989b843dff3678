"""What a webhook carries: Statuspage's payload, once with the incident, and once for each component that changed.

The incident is the page's own API's, word for word, with the fields that only webhooks have.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from statuspage.models import StatusUpdate
from statuspage.site.addresses import addresses_of
from statuspage.site.api import bodies
from statuspage.site.snapshot import load

Json = dict[str, Any]
_ONLY_HERE: Json = {
    "backfilled": False,
    "scheduled_for": None,
    "scheduled_until": None,
    "scheduled_remind_prior": False,
    "scheduled_reminded_at": None,
    "scheduled_auto_in_progress": False,
    "scheduled_auto_completed": False,
    "impact_override": None,
    "postmortem_body": None,
    "postmortem_body_last_updated_at": None,
    "postmortem_ignored": False,
    "postmortem_published_at": None,
    "postmortem_notified_subscribers": False,
    "postmortem_notified_twitter": False,
}


class HookBodies:
    """The payloads about one update, for any number of receivers."""

    def __init__(self, update: StatusUpdate, *, now: datetime) -> None:
        public = update.public_incident
        page = load(public.page_id, now=now)
        places = addresses_of(page, base_url=settings.STATUS_URL, public_url=settings.PUBLIC_URL)
        found = {path: json.loads(body) for path, body in bodies(page, places)}
        kind = "scheduled_maintenances" if public.scheduled_for else "incidents"
        rows = found[f"api/v2/{kind.replace('_', '-')}.json"][kind]
        self._now = now
        self._status = found["api/v2/status.json"]
        self._incident: Json = next((row for row in rows if row["id"] == public.pk), {})
        self._components = {row["id"]: row for row in found["api/v2/components.json"]["components"]}
        self._update = update
        self._zone = ZoneInfo(page.time_zone)

    def for_receiver(self, *, unsubscribe: str) -> Iterator[bytes]:
        """Yield the payload with the incident, then one for each component whose state the update changed."""
        if self._incident:
            yield self._whole({"incident": self._with_more()}, unsubscribe)
        for change in self._update.components.all():
            component = self._components.get(change.component_id)
            if component is None or not change.old_status or change.old_status == change.new_status:
                continue
            yield self._whole(
                {
                    "component": component,
                    "component_update": {
                        "id": f"{self._update.pk}{change.pk}",
                        "component_id": change.component_id,
                        "component_type": "Component",
                        "old_status": change.old_status,
                        "new_status": change.new_status,
                        "created_at": self._moment(self._update.published_at or self._now),
                    },
                },
                unsubscribe,
            )

    def _whole(self, content: Json, unsubscribe: str) -> bytes:
        status = self._status["status"]
        whole = {
            "meta": {
                "unsubscribe": unsubscribe,
                "documentation": f"{settings.PUBLIC_URL}/status-pages/webhooks",
                "generated_at": self._moment(self._now),
            },
            "page": {
                "id": self._update.public_incident.page_id,
                "status_indicator": status["indicator"],
                "status_description": status["description"],
            },
            **content,
        }
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()

    def _with_more(self) -> Json:
        public = self._update.public_incident
        more: Json = {
            **_ONLY_HERE,
            "impact_override": public.impact_override or None,
            "scheduled_for": self._incident.get("scheduled_for"),
            "scheduled_until": self._incident.get("scheduled_until"),
        }
        if public.scheduled_for:
            more |= {
                "scheduled_remind_prior": public.remind_before_s is not None,
                "scheduled_reminded_at": self._moment(public.reminded_at) if public.reminded_at else None,
                "scheduled_auto_in_progress": public.auto_start,
                "scheduled_auto_completed": public.auto_end,
            }
        postmortem = next((row for row in self._incident["incident_updates"] if row["status"] == "postmortem"), None)
        if postmortem:
            more |= {
                "postmortem_body": postmortem["body"],
                "postmortem_body_last_updated_at": postmortem["updated_at"],
                "postmortem_published_at": postmortem["display_at"],
                "postmortem_notified_subscribers": postmortem["deliver_notifications"],
            }
        updates = [
            {**row, "wants_twitter_update": False, "twitter_updated_at": None}
            for row in self._incident["incident_updates"]
        ]
        return {**self._incident, **more, "incident_updates": updates}

    def _moment(self, at: datetime) -> str:
        told = at.astimezone(self._zone).isoformat(timespec="milliseconds")
        return told.replace("+00:00", "Z") if self._zone.key in ("UTC", "Etc/UTC") else told
