"""Change a draft, or discard it. What was approved before is not approved any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Final

from ledger.actor import Actor
from statuspage.models import AffectedComponent, HitServer, PublicIncident, StatusUpdate
from statuspage.operations.checking import (
    check_promise,
    check_stage,
    check_times,
    checked_components,
    checked_name,
    checked_names,
    checked_servers,
    checked_texts,
)
from statuspage.operations.contents import digest_of
from statuspage.operations.draft_update import (
    checked_override,
    checked_start,
    drafter,
    main_text,
    payload_of,
    set_components,
)
from statuspage.operations.locking import lock_update
from statuspage.operations.recording import record
from web.errors import IllegalMove

WAITING: Final = (StatusUpdate.State.DRAFT, StatusUpdate.State.APPROVED)


class Keep(Enum):
    """Tells "leave it as it is" from None, which takes a time away."""

    KEEP = "keep"


def edit_draft(
    *,
    update: StatusUpdate,
    by: Actor,
    now: datetime,
    stage: str | None = None,
    texts: Mapping[str, str] | None = None,
    components: Mapping[str, str] | None = None,
    deliver: bool | None = None,
    next_update_at: datetime | Keep | None = Keep.KEEP,
    name: str | None = None,
    names: Mapping[str, str] | None = None,
    servers: Sequence[int] | None = None,
    started_at: datetime | None = None,
    impact_override: str | None = None,
    scheduled: tuple[datetime, datetime] | None = None,
) -> StatusUpdate:
    """Set what is given, keep the rest, and return the update as a draft: an approval is void.

    `next_update_at` None takes a promise back. `name`, `names`, `servers` and `started_at` can be set until something
    of the public incident is published. For a planned maintenance `components` says what they will be. Whoever edits it
    counts as the one who drafted it, and any other draft that says something else by it, so that the approval stays
    with another person. Locks the public incident and its updates. Raises `BadInput` and `IllegalMove`.
    """
    update = lock_update(update.pk)
    public = update.public_incident
    check_waiting(update, doing="edited")
    others = _other_drafts(update)
    if stage is not None:
        check_stage(stage, public)
        update.stage = stage
    if texts is not None:
        update.texts = checked_texts(texts, public.page)
    if not isinstance(next_update_at, Keep):
        check_promise(next_update_at, now=now)
        update.next_update_at = next_update_at
    if deliver is not None:
        update.deliver = deliver
    if scheduled is not None:
        check_times(*scheduled, now=now)
        update.scheduled_for, update.scheduled_until = scheduled
    given = {"name": name, "names": names, "servers": servers, "started_at": started_at}
    _edit_public(public, now=now, impact_override=impact_override, **given)
    if components is not None:
        _edit_components(update, components)
    _reopen(update, by=by, now=now)
    _attribute_changed(others, by=by, now=now)
    record(public, "status.update_edited", by=by, now=now, payload=payload_of(update), personal=main_text(update))
    return update


def discard_draft(*, update: StatusUpdate, by: Actor, now: datetime) -> StatusUpdate:
    """Put a draft away; without any other update the public incident goes with it.

    Discarding it again changes nothing. Locks the public incident and the update. Raises `IllegalMove` once published.
    """
    update = lock_update(update.pk)
    public = update.public_incident
    if update.state == StatusUpdate.State.DISCARDED:
        return update
    check_waiting(update, doing="discarded")
    update.state, update.updated_at = StatusUpdate.State.DISCARDED, now
    update.version += 1
    update.save(update_fields=["state", "updated_at", "version"])
    others = public.updates.exclude(state=StatusUpdate.State.DISCARDED)
    if public.published_at is None and not others.exists():
        public.discarded_at = public.updated_at = now
        public.version += 1
        public.save(update_fields=["discarded_at", "updated_at", "version"])
    record(public, "status.update_discarded", by=by, now=now, payload=payload_of(update))
    return update


def check_waiting(update: StatusUpdate, *, doing: str) -> None:
    """Raise `IllegalMove` for an update that is published or discarded."""
    if update.state not in WAITING:
        state = str(StatusUpdate.State(update.state).label).lower()
        raise IllegalMove(f"This update is {state}, so it can't be {doing}.")


def _edit_public(public: PublicIncident, *, now: datetime, **given: Any) -> None:
    given = {field: value for field, value in given.items() if value is not None}
    if not given:
        return
    if public.published_at is not None and set(given) - {"impact_override"}:
        raise IllegalMove("Customers know this incident by its name already; say what has changed in an update.")
    if "name" in given:
        public.name = checked_name(given["name"])
    if "names" in given:
        public.names = checked_names(given["names"], public.page)
    if "impact_override" in given:
        public.impact_override = checked_override(given["impact_override"])
    if "started_at" in given:
        public.started_at = checked_start(given["started_at"], now=now)
        HitServer.objects.filter(public_incident=public).update(since=public.started_at)
    if "servers" in given:
        hit = checked_servers(given["servers"], public.page)
        HitServer.objects.filter(public_incident=public).exclude(server__in=hit).delete()
        HitServer.objects.bulk_create(
            [HitServer(public_incident=public, server_id=server, since=public.started_at) for server in hit],
            ignore_conflicts=True,
        )
    public.updated_at = now
    public.version += 1
    public.save()


def _edit_components(update: StatusUpdate, components: Mapping[str, str]) -> None:
    public = update.public_incident
    said = checked_components(components, public.page)
    if public.kind == PublicIncident.Kind.MAINTENANCE and update.stage == "scheduled":
        plan_components(public, said)
    else:
        set_components(update, said)


def plan_components(public: PublicIncident, said: Mapping[str, str]) -> None:
    """Write what the components will be while a maintenance runs."""
    AffectedComponent.objects.filter(public_incident=public).exclude(component__in=said).delete()
    AffectedComponent.objects.bulk_create(
        [
            AffectedComponent(
                public_incident=public, component_id=pk, status=status, since=public.scheduled_for or public.started_at
            )
            for pk, status in sorted(said.items())
        ],
        update_conflicts=True,
        unique_fields=["public_incident", "component"],
        update_fields=["status", "since"],
    )


def _other_drafts(update: StatusUpdate) -> list[tuple[StatusUpdate, str]]:
    """Return the other waiting updates of a locked public incident, locked, with the digests of what they say."""
    rows = StatusUpdate.objects.select_for_update(no_key=True, of=("self",)).select_related("public_incident__page")
    found = rows.filter(public_incident=update.public_incident_id, state__in=WAITING).exclude(pk=update.pk)
    return [(other, digest_of(other)) for other in found.order_by("pk")]


def _attribute_changed(others: Sequence[tuple[StatusUpdate, str]], *, by: Actor, now: datetime) -> None:
    """Let what changed with the public incident count as written by whoever changed that; nobody approves it alone."""
    for other, before in others:
        other.public_incident.refresh_from_db()
        if digest_of(other) != before:
            other.drafted_by, other.drafted_by_name, other.updated_at = drafter(by), by.name[:100], now
            other.version += 1
            other.save(update_fields=["drafted_by", "drafted_by_name", "updated_at", "version"])


def _reopen(update: StatusUpdate, *, by: Actor, now: datetime) -> None:
    update.state = StatusUpdate.State.DRAFT
    update.approved_by = update.approved_at = None
    update.digest = ""
    update.drafted_by, update.drafted_by_name = drafter(by), by.name[:100]
    update.updated_at = now
    update.version += 1
    update.save()
