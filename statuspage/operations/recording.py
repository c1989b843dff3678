"""The last step of every change: count the publication up, write the ledger, tell the screens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from ledger.actor import Actor
from ledger.operations.append import Event, append_all
from ledger.rules import JSON
from statuspage.models import PublicIncident, StatusPage
from statuspage.operations.request_publication import request_publication
from web import live

SETTINGS: Final = "settings:publishing"
"""The chain of templates, publishing policies and emergency overrides."""
PAGES: Final = "status_pages"
"""The subject by which screens follow everything of every page."""


def record_settings(verb: str, *, by: Actor, now: datetime, payload: Mapping[str, JSON], personal: str = "") -> None:
    """Record a change of how updates come about. Takes the ledger's head: the last lock."""
    append_all([Event(subject=SETTINGS, verb=verb, by=by, now=now, payload=payload, personal=personal)])
    live.changed("settings", SETTINGS, PAGES)


def record_page(
    page: StatusPage, verb: str, *, by: Actor, now: datetime, payload: Mapping[str, JSON], personal: str = ""
) -> None:
    """Record what customers see of a page, in the page's own chain, and have it published.

    Takes the publisher's row and the ledger's head: the last locks.
    """
    request_publication()
    append_all([Event(subject=page.subject, verb=verb, by=by, now=now, payload=payload, personal=personal)])
    live.changed(page.subject, PAGES)


def record(
    public: PublicIncident,
    verb: str,
    *,
    by: Actor,
    now: datetime,
    payload: Mapping[str, JSON],
    personal: str = "",
    publish: bool = False,
) -> None:
    """Record what happened to a locked public incident, and in the room of the incident behind it if there is one.

    `publish` says that customers will see a difference. Takes the publisher's row and the ledger's heads: the last
    locks. Screens hear of it after the commit.
    """
    if publish:
        request_publication()
    said: dict[str, JSON] = {"name": public.name, "page": public.page.name, **payload}
    subjects = [public.subject]
    if public.incident is not None:
        subjects.append(public.incident.subject)
        said["public_incident"] = public.pk
    append_all(
        [Event(subject=subject, verb=verb, by=by, now=now, payload=said, personal=personal) for subject in subjects]
    )
    live.changed(*subjects, public.page.subject, PAGES)
