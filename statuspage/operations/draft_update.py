"""Write what customers are to read: a draft, for a new public incident or for one that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from incidents.models import Incident
from ledger.actor import Actor
from ledger.rules import JSON
from people.models import Person
from statuspage.models import HitServer, PublicIncident, StatusPage, StatusUpdate, UpdateComponent
from statuspage.operations.checking import (
    EARLIEST,
    check_promise,
    check_stage,
    checked_components,
    checked_name,
    checked_names,
    checked_servers,
    checked_texts,
)
from statuspage.operations.locking import lock_public_incident
from statuspage.operations.recording import record
from web.errors import BadInput, IllegalMove


def draft_incident(
    *,
    page: StatusPage,
    name: str,
    by: Actor,
    now: datetime,
    texts: Mapping[str, str],
    stage: str = "investigating",
    components: Mapping[str, str] | None = None,
    servers: Sequence[int] = (),
    incident: Incident | None = None,
    deliver: bool = True,
    next_update_at: datetime | None = None,
    names: Mapping[str, str] | None = None,
    started_at: datetime | None = None,
    impact_override: str = "",
) -> StatusUpdate:
    """Draft a public incident with its first update, which is returned; nothing is public before that is published.

    `components` maps ids to states, `texts` and `names` languages to what is read. Customers will read that it began at
    `started_at`; where nobody says when, that is when the internal `incident` was opened, and now for a private one or
    none, whose times are nobody's business. Nothing else of the internal incident is taken over. Raises `BadInput`.
    """
    if started_at is None:
        started_at = incident.opened_at if incident is not None and not incident.private else now
    started_at = checked_start(started_at, now=now)
    public = PublicIncident(
        page=page,
        incident=incident,
        name=checked_name(name),
        names=checked_names(names or {}, page),
        started_at=started_at,
        impact_override=checked_override(impact_override),
        created_at=now,
        updated_at=now,
    )
    check_stage(stage, public)
    public.status = stage
    hit = checked_servers(servers, page)
    check_open(public)
    public.save()
    HitServer.objects.bulk_create(
        HitServer(public_incident=public, server_id=server, since=started_at) for server in hit
    )
    return add_draft(
        public, stage, texts=texts, components=components or {}, deliver=deliver, promise=next_update_at, by=by, now=now
    )


def draft_update(
    *,
    public_incident: PublicIncident,
    stage: str,
    texts: Mapping[str, str],
    by: Actor,
    now: datetime,
    components: Mapping[str, str] | None = None,
    deliver: bool = True,
    next_update_at: datetime | None = None,
) -> StatusUpdate:
    """Draft a further update of a public incident or maintenance and return it.

    Locks the public incident. Raises `BadInput`, and `IllegalMove` for a stage that can't come now.
    """
    public = lock_public_incident(public_incident.pk)
    check_open(public)
    check_stage(stage, public)
    return add_draft(
        public, stage, texts=texts, components=components or {}, deliver=deliver, promise=next_update_at, by=by, now=now
    )


def add_draft(
    public: PublicIncident,
    stage: str,
    *,
    texts: Mapping[str, str],
    by: Actor,
    now: datetime,
    components: Mapping[str, str],
    deliver: bool = True,
    promise: datetime | None = None,
    scheduled: tuple[datetime, datetime] | None = None,
) -> StatusUpdate:
    """Write the draft of a checked stage for a locked public incident; the last step of every drafting."""
    check_promise(promise, now=now)
    said = checked_components(components, public.page)
    update = StatusUpdate.objects.create(
        public_incident=public,
        stage=stage,
        texts=checked_texts(texts, public.page),
        deliver=deliver,
        next_update_at=promise,
        scheduled_for=scheduled[0] if scheduled else None,
        scheduled_until=scheduled[1] if scheduled else None,
        drafted_by=drafter(by),
        drafted_by_name=by.name[:100],
        created_at=now,
        updated_at=now,
        version=1,
    )
    set_components(update, said)
    record(public, "status.update_drafted", by=by, now=now, payload=payload_of(update), personal=main_text(update))
    return update


def set_components(update: StatusUpdate, said: Mapping[str, str]) -> None:
    """Let a draft say these states and no others."""
    UpdateComponent.objects.filter(update=update).exclude(component__in=said).delete()
    UpdateComponent.objects.bulk_create(
        [UpdateComponent(update=update, component_id=pk, new_status=status) for pk, status in sorted(said.items())],
        update_conflicts=True,
        unique_fields=["update", "component"],
        update_fields=["new_status"],
    )


def payload_of(update: StatusUpdate) -> dict[str, JSON]:
    """Return what the ledger keeps of an update besides its text: `components` maps their names to states."""
    said = UpdateComponent.objects.filter(update=update).select_related("component")
    components: dict[str, JSON] = {each.component.name: each.new_status for each in said}
    return {"update": update.pk, "stage": update.stage, "components": components, "deliver": update.deliver}


def main_text(update: StatusUpdate) -> str:
    """Return an update's text in its page's own language."""
    return str(update.texts.get(update.public_incident.page.language, ""))


def drafter(by: Actor) -> Person | None:
    """Return the person behind an actor; None for a plan's run, a rule or Muster itself."""
    return Person.objects.filter(pk=by.id).first() if by.kind == "person" else None


def checked_override(impact: str) -> str:
    """Return the impact that a person chose, "" for none; raise `BadInput` for anything else."""
    if impact not in ("", "none", "minor", "major", "critical"):
        sentence = "Choose none, minor, major or critical."
        raise BadInput(sentence, errors={"impact_override": sentence})
    return impact


def checked_start(started_at: datetime, *, now: datetime) -> datetime:
    """Return when it began; raise `BadInput` for a time to come or before the year 2000."""
    if started_at > now:
        sentence = "It can't have begun later than now."
        raise BadInput(sentence, errors={"started_at": sentence})
    if started_at < EARLIEST:
        sentence = f"Choose a time after the year {EARLIEST.year}."
        raise BadInput(sentence, errors={"started_at": sentence})
    return started_at


def check_open(public: PublicIncident) -> None:
    """Raise `IllegalMove` where nothing may be said any more."""
    if public.discarded_at is not None:
        raise IllegalMove("This was discarded. Draft a new one.")
    if public.page.archived_at is not None:
        raise IllegalMove(f"The page “{public.page.name}” is archived. Restore it first.")
