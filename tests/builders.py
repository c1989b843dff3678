"""Plain typed builders for what a test needs in the database, with the cast of Harbor Hosting.

People come with an SMS and a voice number, both used at once for either urgency, unless a test says otherwise.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Final

from django.db import transaction

from ledger.actor import Actor
from notifications.channels.registry import all_channels
from notifications.models import ContactMethod, ContactRule, EscalationPolicy, Level, Page, Target, Urgency
from notifications.operations.start_page import start_page
from notifications.queries import freeze
from notifications.rules.frozen_policy import FrozenLevel, FrozenPolicy
from people.actors import actor_for
from people.models import (
    Person,
    Role,
    Rotation,
    RotationMember,
    Schedule,
    Team,
    TeamMember,
    Tier,
    TierMember,
    TierSuccessor,
)

NOW: Final = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
"""Three in the morning, when it happens."""

CAST: Final[Mapping[str, tuple[str, Role]]] = {
    "Ada": ("CEO", Role.EXECUTIVE),
    "Vic": ("VP Operations", Role.EXECUTIVE),
    "Vera": ("VP Engineering", Role.EXECUTIVE),
    "Mia": ("Manager Support", Role.RESPONDER),
    "Max": ("Manager Infrastructure", Role.RESPONDER),
    "Otto": ("On call", Role.RESPONDER),
    "Olga": ("On call", Role.RESPONDER),
    "Cam": ("Communications", Role.COMMUNICATIONS),
    "Sid": ("Security", Role.RESPONDER),
    "Sue": ("Support", Role.RESPONDER),
    "Leo": ("Legal", Role.AUDITOR),
    "Sam": ("Stranger", Role.OBSERVER),
    "Alma": ("Administrator", Role.ADMINISTRATOR),
}

_numbers = itertools.count(1)


def make_person(
    name: str = "Ada", *, role: Role | None = None, methods: Sequence[str] = ("sms", "voice"), active: bool = True
) -> Person:
    """Make somebody of the cast (or anybody else, as a responder), reachable by these channels at once."""
    number = next(_numbers)
    title, usual_role = CAST.get(name, ("", Role.RESPONDER))
    person = Person.objects.create_user(
        f"{name.lower().replace(' ', '.')}.{number}@harbor.example",
        name=name,
        title=title,
        role=role or usual_role,
        is_active=active,
    )
    for channel in methods:
        method = make_method(person, channel)
        for urgency in Urgency.values:
            add_rule(method, urgency=urgency)
    return person


def make_method(person: Person, channel: str = "sms", *, address: str = "", verified: bool = True) -> ContactMethod:
    """Add a contact method without any rule; the address is made up to fit the channel."""
    number = next(_numbers)
    made_up = {"email": f"person{number}@harbor.example", "webhook": f"http://127.0.0.1:9/{number}"}
    address, secret = address or made_up.get(channel, f"+1206555{number:04d}"), ""
    known = next((each for each in all_channels() if each.kind == channel), None)
    if known is not None and known.is_typed and known.address_is_secret:
        address, secret = known.masked(address), address
    return ContactMethod.objects.create(
        person=person,
        channel=channel,
        address=address,
        secret=secret,
        verified_at=NOW if verified else None,
    )


def add_rule(method: ContactMethod, *, urgency: str = Urgency.HIGH, delay_s: int = 0) -> ContactRule:
    """Use this method `delay_s` seconds after a page of this urgency reaches its owner."""
    return ContactRule.objects.create(person=method.person, urgency=urgency, contact_method=method, delay_s=delay_s)


def make_schedule(name: str = "Hosting on call", *people: Person) -> Schedule:
    """Make a schedule of weekly turns; the first of `people` is on call at `NOW`. Without people nobody is."""
    schedule = Schedule.objects.create(name=name)
    if people:
        rotation = Rotation.objects.create(schedule=schedule, handover_at=time(9), starts_on=date(2026, 11, 16))
        for position, person in enumerate(people):
            RotationMember.objects.create(rotation=rotation, person=person, position=position)
    return schedule


def make_team(name: str = "Infrastructure", *people: Person) -> Team:
    """Make a team with these members in order."""
    team = Team.objects.create(name=name)
    for position, person in enumerate(people):
        TeamMember.objects.create(team=team, person=person, position=position)
    return team


def make_tier(key: str = "vp", *people: Person, rank: int = 2, line: Sequence[Person] = ()) -> Tier:
    """Make a leadership tier with its members and its line of succession."""
    tier = Tier.objects.create(key=key, name=key.upper(), rank=rank)
    for position, person in enumerate(people):
        TierMember.objects.create(tier=tier, person=person, position=position)
    for position, person in enumerate(line):
        TierSuccessor.objects.create(tier=tier, person=person, position=position)
    return tier


def make_policy(
    *levels: tuple[int, Sequence[Person | Schedule | Team | Tier]],
    name: str = "",
    rounds: int = 3,
    required: int = 1,
    remind_after_s: int | None = None,
    repage_after_s: int | None = None,
) -> EscalationPolicy:
    """Make a policy; each level is (seconds it has, whom it reaches)."""
    policy = EscalationPolicy.objects.create(
        name=name or f"Policy {next(_numbers)}",
        rounds=rounds,
        required_acknowledgements=required,
        remind_after_s=remind_after_s,
        repage_after_s=repage_after_s,
    )
    for position, (delay_s, targets) in enumerate(levels, start=1):
        level = Level.objects.create(policy=policy, position=position, delay_s=delay_s)
        for target in targets:
            Target.objects.create(level=level, **{type(target).__name__.lower(): target})
    return policy


def freeze_levels(*levels: FrozenLevel, rounds: int = 1, required: int = 1) -> FrozenPolicy:
    """Return a frozen policy of hand-made levels, such as a muster's."""
    return FrozenPolicy(name="By hand", levels=levels, rounds=rounds, required_acknowledgements=required)


def make_page(
    policy: EscalationPolicy | FrozenPolicy | Person,
    *,
    title: str = "Database server down",
    subject: str = "",
    purpose: str = "person",
    urgency: str = Urgency.HIGH,
    severity: int = 3,
    by: Actor | None = None,
    now: datetime = NOW,
) -> Page:
    """Start a page by its operation; nobody is called before the duty "pages" runs."""
    if isinstance(policy, Person):
        policy = make_policy((300, [policy]))
    with transaction.atomic():
        return start_page(
            policy=freeze(policy) if isinstance(policy, EscalationPolicy) else policy,
            title=title,
            subject=subject,
            purpose=purpose,
            urgency=urgency,
            severity=severity,
            by=by or Actor.system(),
            now=now,
        )


def by(person: Person, via: str = "web") -> Actor:
    """Return a person as the actor of an operation."""
    return actor_for(person, via=via)
