"""Everything that was published on a page: incidents, maintenance, updates, comments.

Rows are read as plain tuples: there are thousands, every minute.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from statuspage.models import (
    AffectedComponent,
    HitServer,
    ImpactChange,
    PublicIncident,
    StatusPage,
    StatusUpdate,
    UpdateComponent,
)
from statuspage.models import Comment as CommentRow
from statuspage.models import Component as ComponentRow
from statuspage.site.pieces import (
    Affected,
    Comment,
    ComponentChange,
    Correction,
    Incident,
    Texts,
    Update,
)

INCIDENT_FIELDS = (
    *("id", "kind", "name", "names", "status", "impact", "started_at", "published_at", "monitoring_at", "resolved_at"),
    *("next_update_at", "scheduled_for", "scheduled_until", "automatic", "created_at", "updated_at", "version"),
)
UPDATE_FIELDS = (
    *("id", "stage", "texts", "deliver", "automatic", "display_at", "published_at", "created_at", "updated_at"),
)


def incidents(page: StatusPage) -> tuple[Incident, ...]:
    """Return all that was ever published on a page, newest first, with everything said under it."""
    shown = PublicIncident.objects.filter(page=page, published_at__isnull=False, discarded_at__isnull=True)
    affected, comments, updates = _affected(page), _comments(page), _updates(page)
    servers, corrections = _servers_hit(page), _corrections(page)
    overrides = dict(shown.exclude(impact_override="").values_list("id", "impact_override"))
    result = []
    for row in shown.order_by("-started_at", "-id").values_list(*INCIDENT_FIELDS):
        said = updates.get(row[0])
        if not said:
            continue
        facts: dict[str, Any] = dict(zip(INCIDENT_FIELDS, row, strict=True))
        facts["names"] = texts(facts["names"])
        facts["impact"] = overrides.get(row[0], facts["impact"])
        result.append(
            Incident(
                **facts,
                affected=tuple(affected.get(row[0], ())),
                updates=tuple(said),
                comments=tuple(comments.get(row[0], ())),
                servers=tuple(servers.get(row[0], ())),
                corrections=tuple(corrections.get(row[0], ())),
            )
        )
    return tuple(result)


def texts(given: Any) -> Texts:
    """Return the texts of a JSON field, ordered by language; what is no text is left out."""
    if not isinstance(given, dict):
        return ()
    return tuple(sorted((str(code), text) for code, text in given.items() if isinstance(text, str) and text.strip()))


def _affected(page: StatusPage) -> dict[str, list[Affected]]:
    found: dict[str, list[Affected]] = defaultdict(list)
    for incident, component, status, since, recovered_at in (
        AffectedComponent.objects.filter(public_incident__page=page)
        .order_by("id")
        .values_list("public_incident_id", "component_id", "status", "since", "recovered_at")
    ):
        found[incident].append(Affected(component_id=component, status=status, since=since, recovered_at=recovered_at))
    return found


def _updates(page: StatusPage) -> dict[str, list[Update]]:
    changes = _changes(page)
    found: dict[str, list[Update]] = defaultdict(list)
    for incident, *row in (
        StatusUpdate.objects.filter(public_incident__page=page, state=StatusUpdate.State.PUBLISHED)
        .order_by("-display_at", "-created_at", "-id")
        .values_list("public_incident_id", *UPDATE_FIELDS)
    ):
        facts: dict[str, Any] = dict(zip(UPDATE_FIELDS, row, strict=True))
        facts["texts"] = texts(facts["texts"])
        found[incident].append(Update(**facts, components=tuple(changes.get(row[0], ()))))
    return found


def _changes(page: StatusPage) -> dict[str, list[ComponentChange]]:
    names = {
        id: f"{group} - {name}" if group else name
        for id, name, group in ComponentRow.objects.filter(page=page).values_list("id", "name", "group__name")
    }
    found: dict[str, list[ComponentChange]] = defaultdict(list)
    for update, component, old, new in (
        UpdateComponent.objects.filter(update__public_incident__page=page, update__state=StatusUpdate.State.PUBLISHED)
        .order_by("id")
        .values_list("update_id", "component_id", "old_status", "new_status")
    ):
        found[update].append(
            ComponentChange(
                component_id=component, name=names.get(component, ""), old_status=old or new, new_status=new
            )
        )
    return found


def _comments(page: StatusPage) -> dict[str, list[Comment]]:
    found: dict[str, list[Comment]] = defaultdict(list)
    for incident, id, name, text, reply, created_at, replied_at in (
        CommentRow.objects.filter(public_incident__page=page, state=CommentRow.State.SHOWN)
        .order_by("created_at", "id")
        .values_list("public_incident_id", "id", "name", "text", "reply", "created_at", "replied_at")
    ):
        found[incident].append(
            Comment(id=id, name=name, text=text, reply=reply, created_at=created_at, replied_at=replied_at)
        )
    return found


def _servers_hit(page: StatusPage) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for incident, name in (
        HitServer.objects.filter(public_incident__page=page)
        .order_by("server__name")
        .values_list("public_incident_id", "server__name")
    ):
        found[incident].append(name)
    return found


def _corrections(page: StatusPage) -> dict[str, list[Correction]]:
    found: dict[str, list[Correction]] = defaultdict(list)
    for incident, component, status, at, recorded_at in (
        ImpactChange.objects.filter(component__page=page, source__isnull=False, supersedes__isnull=False)
        .order_by("recorded_at", "id")
        .values_list("source_id", "component_id", "status", "at", "recorded_at")
    ):
        if incident:
            found[incident].append(Correction(component_id=component, status=status, at=at, recorded_at=recorded_at))
    return found
