"""Start the pages of a muster's tiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from incidents.answers import PagesNow, read_pages
from incidents.models import Incident, MusterSeat, MusterTier, SeverityPolicy
from incidents.rules.muster import OUT
from incidents.rules.roll_call import Call, Need, plan
from incidents.rules.tier_policy import tier_policy
from ledger.actor import Actor
from notifications.models import Page
from notifications.operations.acknowledge import acknowledge
from notifications.operations.cancel_pages import cancel_pages
from notifications.operations.start_page import PageRequest, start_pages
from people.actors import actor_for
from people.models import Person, Role


def call_tiers(
    *,
    incident: Incident,
    tiers: Sequence[MusterTier],
    policy: SeverityPolicy,
    by: Actor,
    now: datetime,
    anew: bool = True,
) -> None:
    """Start a page for each of `tiers`, highest first, and keep its id; a page they had ends as merged into it.

    A tier whose people are all being called for another one waits without a page (`page_id` null) until its deadline
    or until that fails. Where it has waited and it is not called `anew`, who is out already is not called first, and
    nothing is waited for any more. Expects the incident and its open pages locked.
    """
    pages = read_pages(incident)
    old = [tier.page_id for tier in tiers if tier.page_id in pages.pages and pages.pages[tier.page_id].is_open]
    if old:
        cancel_pages(page_ids=old, reason=Page.CancelReason.MERGED, by=by, now=now)
    roll = read_roll(tiers)
    confirmed = pages.confirmed()
    needs = [_need(tier, seats=roll.seats[tier.pk], without_out=not anew) for tier in tiers]
    calls = plan(
        needs, confirmed=confirmed, being_called=pages.rung(urgency=policy.urgency, besides=old), may_wait=anew
    )
    paired = [(tier, call) for tier, call in zip(tiers, calls, strict=True) if not (call.waits or call.met)]
    requests = [
        _request(incident=incident, tier=tier, call=call, roll=roll, policy=policy, now=now) for tier, call in paired
    ]
    for tier in tiers:
        tier.page_id = None
    for (tier, _), page in zip(paired, start_pages(requests, by=by, now=now) if requests else [], strict=True):
        tier.page_id = page.pk
        _tell_confirmed(page, seats=roll.seats[tier.pk], pages=pages, now=now)
    MusterTier.objects.bulk_update(tiers, ["page_id"])


@dataclass(frozen=True, kw_only=True)
class Roll:
    """Seats by tier, administrators, and the name of everybody whom a tier's page may call, by id."""

    seats: dict[int, list[MusterSeat]]
    administrators: list[str]
    names: dict[str, str]


def read_roll(tiers: Sequence[MusterTier]) -> Roll:
    """Read the people of tiers together (two queries)."""
    seats: dict[int, list[MusterSeat]] = {tier.pk: [] for tier in tiers}
    for seat in MusterSeat.objects.filter(tier__in=tiers).select_related("person"):
        seats[seat.tier_id].append(seat)
    line = {person for tier in tiers for person in tier.line}
    people = Person.objects.filter(Q(pk__in=line) | Q(is_active=True, role=Role.ADMINISTRATOR))
    read = list(people.values_list("pk", "name", "is_active", "role"))
    own = {str(seat.person_id): seat.person.name for each in seats.values() for seat in each}
    return Roll(
        seats=seats,
        administrators=[str(pk) for pk, _, active, role in read if active and role == Role.ADMINISTRATOR],
        names={str(pk): name for pk, name, _, _ in read} | own,
    )


def _need(tier: MusterTier, *, seats: Sequence[MusterSeat], without_out: bool) -> Need:
    own = [seat for seat in seats if seat.stands_in_for_id is None]
    return Need(
        key=tier.key,
        quorum=tier.quorum,
        members=tuple(str(seat.person_id) for seat in own),
        line=tuple(tier.line),
        out=frozenset(str(seat.person_id) for seat in own if without_out and seat.state in OUT),
    )


def _request(
    *, incident: Incident, tier: MusterTier, call: Call, roll: Roll, policy: SeverityPolicy, now: datetime
) -> PageRequest:
    seated = [str(seat.person_id) for seat in roll.seats[tier.pk]]
    left_s = int((tier.deadline - now).total_seconds())
    frozen = tier_policy(
        call,
        tier=tier.name,
        quorum=tier.quorum,
        first_s=left_s if left_s > 0 else tier.succession_s,
        succession_s=tier.succession_s,
        everybody=list(dict.fromkeys([*seated, *tier.line, *roll.administrators])),
        names=roll.names,
        rounds=policy.rounds,
        remind_after_s=policy.remind_after_s,
        repage_after_s=policy.repage_after_s,
    )
    return PageRequest(
        policy=frozen,
        title=incident.headline,
        subject=incident.subject,
        purpose=f"muster:{tier.key}",
        urgency=policy.urgency,
        severity=incident.severity,
    )


def _tell_confirmed(page: Page, *, seats: Sequence[MusterSeat], pages: PagesNow, now: datetime) -> None:
    """Count on a new page those of the tier who had answered already, before it calls anybody in vain."""
    vias = {answer.person: answer.via for answers in pages.answers.values() for answer in answers if answer.confirms}
    for seat in seats:
        via = vias.get(str(seat.person_id))
        if via is not None:
            acknowledge(page_id=page.pk, person=seat.person, by=actor_for(seat.person, via=via), via=via, now=now)
