"""A page as it will be once a draft is published: by the same code, from the same snapshot, in one document."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.conf import settings

from statuspage.models import PublicIncident, StatusUpdate
from statuspage.reviewing import Said, said_of_components
from statuspage.rules.rollup import rollup
from statuspage.site.addresses import addresses_of
from statuspage.site.assets import assets_of
from statuspage.site.front import front
from statuspage.site.html import Pages
from statuspage.site.pieces import Affected, ComponentChange, Incident, Update
from statuspage.site.rows import texts
from statuspage.site.snapshot import PageSnapshot, load
from statuspage.site.stamp import Stamp

POLICY: Final = re.compile(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>")
SCRIPT: Final = re.compile(r"<script[^>]*></script>")


def page_with(update: StatusUpdate, *, language: str, now: datetime) -> str:
    """Return the front page as customers would read it with this update published at `now`; nothing is written.

    One HTML document: styles and logo are in it, scripts are left out, nothing in it can be pressed.
    """
    page = _overlaid(load(update.public_incident.page_id, now=now), update, now=now)
    assets, files = assets_of(page)
    addresses = addresses_of(page, base_url=settings.STATUS_URL, public_url=settings.PUBLIC_URL)
    spoken = language if language in page.languages else page.language
    pages = Pages(page, spoken, addresses=addresses, assets=assets, stamp=Stamp(generated_at=now, generation=0))
    with pages.speaking():
        html = front(pages).decode()
    html = SCRIPT.sub("", POLICY.sub("", html, count=1)).replace("<body>", "<body inert>", 1)
    for file in files:
        held = f"data:{file.content_type};base64,{b64encode(file.body).decode()}"
        name = file.path.removeprefix(page.folder)
        html = html.replace(f'"../{name}"', f'"{held}"').replace(f'"{name}"', f'"{held}"')
    return html


def _overlaid(page: PageSnapshot, update: StatusUpdate, *, now: datetime) -> PageSnapshot:
    public, said = update.public_incident, said_of_components(update)
    known = {each.id: each for each in (*page.incidents, *page.maintenances)}.get(public.pk)
    incident = _incident(public, update, known, said, now=now)
    planned = update.stage == "scheduled"
    after = {} if planned else {each.component.pk: each.after for each in said}
    components = tuple(replace(each, status=after.get(each.id, each.status)) for each in page.all_components)
    others = [
        each for each in (page.maintenances if incident.is_maintenance else page.incidents) if each.id != public.pk
    ]
    these = tuple(sorted((incident, *others), key=lambda each: each.started_at, reverse=True))
    overall = rollup(
        [each.status for each in components if not each.archived],
        impacts=[each.impact for each in these if each.is_open and not each.is_maintenance],
    )
    page = replace(page, all_components=components, indicator=overall.indicator, description=overall.description)
    return replace(page, maintenances=these) if incident.is_maintenance else replace(page, incidents=these)


def _incident(
    public: PublicIncident, update: StatusUpdate, known: Incident | None, said: list[Said], *, now: datetime
) -> Incident:
    word = Update(
        id=update.pk,
        stage=update.stage,
        texts=texts(update.texts),
        deliver=update.deliver,
        automatic=False,
        display_at=now,
        published_at=now,
        created_at=update.created_at,
        updated_at=now,
        components=tuple(
            ComponentChange(
                component_id=each.component.pk, name=each.component.name, old_status=each.before, new_status=each.after
            )
            for each in said
        ),
    )
    ended = update.stage in ("resolved", "postmortem", "completed")
    since = public.scheduled_for or public.started_at
    hit = {each.component_id: each for each in (known.affected if known else ())}
    for each in said:
        recovered_at = now if each.after == "operational" else None
        before = hit.get(each.component.pk)
        hit[each.component.pk] = Affected(
            component_id=each.component.pk,
            status=each.after,
            since=before.since if before else since,
            recovered_at=recovered_at,
        )
    return Incident(
        id=public.pk,
        kind=public.kind,
        name=public.name,
        names=texts(public.names),
        status=update.stage,
        impact=public.impact_override or public.impact,
        started_at=public.started_at,
        published_at=known.published_at if known else now,
        monitoring_at=now if update.stage == "monitoring" else public.monitoring_at,
        resolved_at=(public.resolved_at or now) if ended else None,
        next_update_at=None if ended else update.next_update_at,
        scheduled_for=update.scheduled_for or public.scheduled_for,
        scheduled_until=update.scheduled_until or public.scheduled_until,
        automatic=public.automatic,
        created_at=public.created_at,
        updated_at=now,
        version=public.version,
        affected=tuple(hit.values()),
        updates=(word, *(known.updates if known else ())),
        comments=known.comments if known else (),
        servers=known.servers if known else tuple(public.hit_servers.values_list("server__name", flat=True)),
        corrections=known.corrections if known else (),
    )
