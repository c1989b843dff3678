"""Lay a step's draft on the status page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from eap.format.document import Update
from eap.values import filled
from incidents.models import Incident
from ledger.actor import Actor
from statuspage.models import PublicIncident, StatusPage
from statuspage.operations.draft_update import draft_incident, draft_update
from statuspage.operations.locking import lock_public_incident
from statuspage.queries import suggest_components
from web.errors import NotFound

Draft: TypeAlias = Callable[..., str]


@contextmanager
def draft_for(incident: Incident | None, *, now: datetime) -> Iterator[Draft]:
    """Lock the public incident that an internal one has, and yield what drafts for it, to be called under the run's
    lock: `draft(update, values, by=)` returns where the draft is found.

    A first draft opens a public incident, a further one goes on with it. Only the plan's own words are taken: nothing
    of the internal incident reaches the public by itself. Raises `NotFound` without a status page.
    """
    page = StatusPage.objects.filter(archived_at=None).order_by("slug").first()
    if page is None:
        raise NotFound("There is no status page to draft for.")
    public = _public_incident(incident)
    if public is not None:
        public = lock_public_incident(public.pk)

    def draft(update: Update, values: Mapping[str, Any], *, by: Actor) -> str:
        texts = _texts(update, values, public.page if public is not None else page)
        components = dict.fromkeys(suggest_components(incident, page), update.status)
        promise = now + timedelta(seconds=update.next_update) if update.next_update else None
        if update.stage == "resolved":
            promise, components = None, dict.fromkeys(components, "operational")
        if public is not None:
            made = draft_update(
                public_incident=public,
                stage=update.stage,
                texts=texts,
                components=components,
                next_update_at=promise,
                by=by,
                now=now,
            )
        else:
            made = draft_incident(
                page=page,
                name=filled(update.name, values),
                stage=update.stage,
                texts=texts,
                components=components,
                incident=incident,
                next_update_at=promise,
                by=by,
                now=now,
            )
        return f"/status-pages/updates/{made.pk}/"

    yield draft


def _public_incident(incident: Incident | None) -> PublicIncident | None:
    if incident is None:
        return None
    known = PublicIncident.objects.filter(incident=incident, kind="incident", resolved_at=None, discarded_at=None)
    return known.order_by("-started_at").first()


def _texts(update: Update, values: Mapping[str, Any], page: StatusPage) -> dict[str, str]:
    """Return the texts in the page's languages; its own language always, from another where the plan has none."""
    offered = [page.language, *page.languages]
    found = {language: filled(text, values) for language, text in update.texts.items() if language in offered}
    if page.language not in found:
        found[page.language] = filled(next(iter(update.texts.values())), values)
    return found
