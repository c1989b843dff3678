"""Start the roll-call of the leaders that a severity needs, or widen it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from engine import wake
from incidents.answers import read_pages
from incidents.models import Incident, Muster, MusterRequirement, MusterSeat, MusterTier, SeverityPolicy
from incidents.operations.call_tiers import call_tiers, read_roll
from incidents.operations.recording import Fact, record
from incidents.rules.numbers import severity_name
from incidents.subject import DUTY
from ledger.actor import Actor
from ledger.rules import JSON
from notifications.models import PageRecheck, Urgency
from people.queries import tier_line, tier_people


def start_muster(
    *, incident: Incident, policy: SeverityPolicy, needs: Sequence[MusterRequirement], by: Actor, now: datetime
) -> Muster:
    """Call every tier in `needs` that is not yet called, and those that now need more people or more urgency.

    Who was called stays called; no tier leaves. Expects the incident and its open pages locked.
    """
    muster, _ = Muster.objects.get_or_create(incident=incident, defaults={"started_at": now})
    tiers = {tier.key: tier for tier in muster.tiers.all()}
    added = _seat_tiers(muster, [need for need in needs if need.tier.key not in tiers], now=now)
    louder = [
        tiers[need.tier.key]
        for need in needs
        if need.tier.key in tiers and _needs_more(tiers[need.tier.key], need=need, policy=policy, incident=incident)
    ]
    to_call = sorted([*added, *louder], key=lambda tier: tier.rank)
    if not to_call:
        return muster
    _gather(muster, incident=incident, tiers=to_call, fresh=set(added), now=now)
    call_tiers(incident=incident, tiers=to_call, policy=policy, by=by, now=now)
    verb = "muster.widened" if tiers else "muster.started"
    payload: dict[str, JSON] = {"severity": severity_name(incident.severity), "tiers": _facts(to_call)}
    record(incident, facts=[Fact(verb=verb, payload=payload)], by=by, now=now, changed=["muster_state"])
    # People who had answered before this tier was called count at once, also where no page has news to tell.
    PageRecheck.objects.create(subject=incident.subject, created_at=now)
    wake.after_commit(DUTY)
    return muster


def _seat_tiers(muster: Muster, needs: Sequence[MusterRequirement], *, now: datetime) -> list[MusterTier]:
    tiers = MusterTier.objects.bulk_create(
        MusterTier(
            muster=muster,
            key=need.tier.key,
            name=need.tier.name,
            rank=need.tier.rank,
            quorum=need.quorum,
            deadline_s=need.deadline_s,
            succession_s=need.succession_s,
            deadline=now + timedelta(seconds=need.deadline_s),
            line=[str(person.pk) for person in tier_line(need.tier_id)],
        )
        for need in needs
    )
    MusterSeat.objects.bulk_create(
        MusterSeat(tier=tier, person=person, position=place, called_at=now)
        for tier, need in zip(tiers, needs, strict=True)
        for place, person in enumerate(tier_people(need.tier_id, now))
    )
    return tiers


def _needs_more(tier: MusterTier, *, need: MusterRequirement, policy: SeverityPolicy, incident: Incident) -> bool:
    """Raise the tier's quorum where it must, and tell whether its page has to be started anew."""
    more = need.quorum > tier.quorum
    tier.quorum = max(tier.quorum, need.quorum)
    if tier.state != MusterTier.State.COMPLETE and policy.high_urgency:
        pages = read_pages(incident).pages
        page = pages.get(tier.page_id) if tier.page_id else None
        return more or (page is not None and page.urgency == Urgency.LOW)
    return more


def _gather(
    muster: Muster, *, incident: Incident, tiers: Sequence[MusterTier], fresh: set[MusterTier], now: datetime
) -> None:
    """Set muster and tiers back to gathering; a muster that was complete measures its time anew."""
    for tier in tiers:
        if tier in fresh:
            continue
        tier.state, tier.completed_at = MusterTier.State.GATHERING, None
        tier.deadline = now + timedelta(seconds=tier.deadline_s)
        tier.save()
    if muster.state == Muster.State.COMPLETE:
        muster.started_at = now
    muster.state, muster.completed_at = Muster.State.GATHERING, None
    muster.save()
    incident.muster_state = Incident.Muster.GATHERING


def _facts(tiers: Sequence[MusterTier]) -> list[JSON]:
    roll = read_roll(tiers)
    return [
        {
            "key": tier.key,
            "name": tier.name,
            "quorum": tier.quorum,
            "deadline_s": tier.deadline_s,
            "people": [seat.person.name for seat in roll.seats[tier.pk]],
            "line": [roll.names[person] for person in tier.line],
        }
        for tier in tiers
    ]
