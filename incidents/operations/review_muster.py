"""Take the news of an incident's pages into its roll-call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from incidents.answers import PagesNow, read_pages
from incidents.models import Incident, Muster, MusterTier
from incidents.operations.call_tiers import call_tiers
from incidents.operations.commander import take_command_by_rule
from incidents.operations.locking import lock_incident, lock_open_pages
from incidents.operations.move_pages import move_page
from incidents.operations.recording import Fact, record
from incidents.operations.seats import seat_facts, store_seats
from incidents.queries import severity_policy
from incidents.rules.muster import Review, Seat, TierNow, muster_state, review_tier
from incidents.rules.numbers import seconds_between
from incidents.rules.trouble import trouble_of
from ledger.actor import Actor


@dataclass(frozen=True, kw_only=True)
class _Reviewed:
    tier: MusterTier
    before: tuple[Seat, ...]
    review: Review


def review_muster(*, incident_id: UUID | str, now: datetime) -> Incident:
    """Read what the pages know of people and move seats, tiers and muster after it; return the incident.

    An incident that ended keeps its roll-call as it was. Repeating it without news changes nothing. Locks the incident,
    then its open pages.
    """
    incident = lock_incident(incident_id)
    if not incident.is_open:
        return incident
    lock_open_pages(incident)
    pages = read_pages(incident)
    by = Actor.system()
    muster = Muster.objects.filter(incident=incident).first()
    reviewed = [_review(tier, pages=pages, now=now) for tier in muster.tiers.all()] if muster else []
    facts = [fact for each in reviewed for fact in _store(each)]
    _move_pages(reviewed, incident=incident, by=by, now=now)
    if muster:
        facts += _finish(muster, incident=incident, now=now)
    facts += take_command_by_rule(incident=incident, pages=pages, now=now)
    trouble = trouble_of(
        exhausted_tiers=[each.tier.name for each in reviewed if each.tier.state == MusterTier.State.EXHAUSTED],
        unanswered=pages.unanswered(),
        pages_say=pages.troubles(),
        standing=incident.trouble,
        paged=bool(pages.pages),
    )
    if facts or trouble != incident.trouble or any(each.before != each.review.seats for each in reviewed):
        incident.trouble = trouble
        record(incident, facts=facts, by=by, now=now, changed=["muster_state", "trouble"])
    return incident


def _review(tier: MusterTier, *, pages: PagesNow, now: datetime) -> _Reviewed:
    seats = tuple(
        Seat(
            person=str(seat.person_id),
            position=seat.position,
            called_at=seat.called_at or now,
            state=seat.state,  # type: ignore[arg-type]  # the check constraint holds the same six
            confirmed_at=seat.confirmed_at,
            via=seat.via,
            stands_in_for=str(seat.stands_in_for_id) if seat.stands_in_for_id else None,
        )
        for seat in tier.seats.all()
    )
    standing = TierNow(
        quorum=tier.quorum,
        deadline=tier.deadline,
        line=tuple(tier.line),
        seats=seats,
        page=pages.state_of(tier.page_id),
        state=tier.state,  # type: ignore[arg-type]  # the check constraint holds the same three
        completed_at=tier.completed_at,
    )
    review = review_tier(standing, own=pages.of(tier.page_id), elsewhere=pages.beside(tier.page_id), now=now)
    return _Reviewed(tier=tier, before=seats, review=review)


def _move_pages(reviewed: Sequence[_Reviewed], *, incident: Incident, by: Actor, now: datetime) -> None:
    """Tell the tiers' pages what they can't know, and start those that waited in vain."""
    for each in reviewed:
        if each.tier.page_id:
            move_page(each.review, page_id=each.tier.page_id, by=by, now=now)
    waiting = [each.tier for each in reviewed if each.review.start_page]
    if waiting:
        policy = severity_policy(incident.severity)
        call_tiers(incident=incident, tiers=waiting, policy=policy, by=by, now=now, anew=False)


def _store(each: _Reviewed) -> list[Fact]:
    """Save what moved of one tier and return what to record of it."""
    names = store_seats(each.tier, before=each.before, after=each.review.seats)
    facts = seat_facts(each.tier, before=each.before, after=each.review.seats, names=names)
    before = each.tier.state
    if (before, each.tier.completed_at) == (each.review.state, each.review.completed_at):
        return facts
    each.tier.state, each.tier.completed_at = each.review.state, each.review.completed_at
    each.tier.save(update_fields=["state", "completed_at"])
    place = {"tier": each.tier.key, "tier_name": each.tier.name}
    if each.review.state == "complete":
        return [*facts, Fact(verb="muster.tier_complete", payload=place)]
    if each.review.state == "exhausted":
        return [*facts, Fact(verb="muster.exhausted", payload=place)]
    return facts


def _finish(muster: Muster, *, incident: Incident, now: datetime) -> list[Fact]:
    """Set the muster's state from its tiers' and return what to record of it."""
    tiers = list(muster.tiers.all())
    state = muster_state([tier.state for tier in tiers])  # type: ignore[misc]  # the check constraint holds these three
    incident.muster_state = Incident.Muster(state)
    if state == muster.state:
        return []
    muster.state = state
    muster.completed_at = None
    if state == "complete":
        muster.completed_at = max((tier.completed_at for tier in tiers if tier.completed_at), default=now)
    muster.save(update_fields=["state", "completed_at"])
    if muster.completed_at is None:
        return []
    took = seconds_between(muster.started_at, muster.completed_at)
    return [Fact(verb="muster.complete", payload={"time_to_muster_ms": round(took * 1000)})]
