"""Can the people who will be called be reached?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from incidents.models import Service
from incidents.readiness.finding import Finding, Grade
from notifications.channels.registry import UnknownChannel, all_channels, channel
from notifications.models import ContactMethod, ContactRule, Target, Urgency
from people.models import Override, Person, RotationMember, TeamMember, TierMember, TierSuccessor

ADD_METHOD: Final = "Add a phone number and an e-mail address, and verify them."


def people_relied_on(*, now: datetime) -> dict[Person, list[str]]:
    """Return everybody who may be called, with where they stand: tiers, lines, rotations, teams, policies."""
    found: dict[Person, list[str]] = {}
    for person, place in (*_leaders(), *_on_call(now=now), *_targets(), *_teams()):
        places = found.setdefault(person, [])
        if place not in places:
            places.append(place)
    for person in Person.objects.administrators():
        found.setdefault(person, []).append("administrators")
    return found


def _leaders() -> Iterator[tuple[Person, str]]:
    for member in TierMember.objects.select_related("tier", "person"):
        yield member.person, f"tier {member.tier.name}"
    for successor in TierSuccessor.objects.select_related("tier", "person"):
        yield successor.person, f"line of succession of {successor.tier.name}"


def _on_call(*, now: datetime) -> Iterator[tuple[Person, str]]:
    for place in RotationMember.objects.select_related("rotation__schedule", "person"):
        yield place.person, f"schedule {place.rotation.schedule.name}"
    for override in Override.objects.filter(ends_at__gt=now).select_related("schedule", "person"):
        yield override.person, f"schedule {override.schedule.name}"


def _targets() -> Iterator[tuple[Person, str]]:
    for target in Target.objects.filter(person__isnull=False).select_related("level__policy", "person"):
        if target.person:
            yield target.person, f"policy {target.level.policy.name}"


def _teams() -> Iterator[tuple[Person, str]]:
    paged = {*Target.objects.exclude(team=None).values_list("team_id", flat=True)}
    paged |= {*Service.objects.exclude(team=None).values_list("team_id", flat=True)}
    for seat in TeamMember.objects.filter(team__in=paged).select_related("team", "person"):
        yield seat.person, f"team {seat.team.name}"


def check_people(*, now: datetime) -> Iterator[Finding]:
    """Find people who would be called and can't be reached, or by one way only."""
    relied_on = people_relied_on(now=now)
    methods: dict[Person, list[ContactMethod]] = {person: [] for person in relied_on}
    for method in ContactMethod.objects.filter(person__in=relied_on).select_related("person"):
        methods[method.person].append(method)
    rules: dict[Person, list[ContactRule]] = {person: [] for person in relied_on}
    high = ContactRule.objects.filter(person__in=relied_on, urgency=Urgency.HIGH)
    for rule in high.select_related("person", "contact_method"):
        rules[rule.person].append(rule)
    for person, places in sorted(relied_on.items(), key=lambda item: item[0].name):
        if not person.is_active:
            yield _finding(
                person,
                "left",
                "weak",
                f"{person.name} left, but still stands in {', '.join(places)}.",
                "Put somebody else there.",
            )
            continue
        yield from _check_methods(person, places, methods[person])
        yield from _check_rules(person, methods[person], rules[person])


def _check_methods(person: Person, places: list[str], methods: list[ContactMethod]) -> Iterator[Finding]:
    usable = [method for method in methods if method.usable]
    if not usable:
        why = "has no contact method" if not methods else "has no contact method that works any more"
        yield _finding(person, "no_method", "broken", f"{person.name} ({', '.join(places)}) {why}.", ADD_METHOD)
    for method in methods:
        if method.opted_out_at:
            sentence = f"{person.name} has texted STOP: texts to {method.address} do not go out."
            yield _finding(person, "opted_out", "weak", sentence, "Ask them to text START to the same number.")
        elif method.disabled_at:
            why = f" ({method.disabled_reason})" if method.disabled_reason else ""
            sentence = f"{person.name}'s {method} is switched off{why}."
            yield _finding(person, "disabled", "weak", sentence, "Mend or remove it.")
        elif not method.verified_at and _needs_verification(method.channel):
            sentence = f"{person.name}'s {method} was never verified."
            yield _finding(person, "unverified", "weak", sentence, "Send a code to it and enter the code.")
    if usable and not any(_can_acknowledge(method.channel) for method in usable):
        sentence = f"{person.name} can be told, but has no contact method that takes an answer."
        yield _finding(person, "no_answer", "broken", sentence, "Add a phone number.")


def _check_rules(person: Person, methods: list[ContactMethod], rules: list[ContactRule]) -> Iterator[Finding]:
    usable = [method for method in methods if method.usable]
    if not usable:
        return  # said already, and worse
    working = [rule for rule in rules if rule.contact_method.usable]
    if not working:
        sentence = f"{person.name} has no rule for high urgency; every verified contact method would be used at once."
        yield _finding(person, "no_rule", "weak", sentence, "Add rules: which contact method after how many minutes.")
    reached = {rule.contact_method.channel for rule in working} or {method.channel for method in usable}
    if len(reached) < 2:
        (only,) = reached
        sentence = f"{person.name} is reached by {only} only for high urgency."
        yield _finding(person, "one_channel", "weak", sentence, "Add a second channel to their rules.")


def check_administrators() -> Iterator[Finding]:
    """Find that nobody could be alarmed when all else failed."""
    administrators = list(Person.objects.administrators())
    if not administrators:
        yield Finding(
            check="no_administrator",
            grade="broken",
            sentence="There is no administrator: a page that nobody answers ends in silence.",
            todo="Give somebody the role of an administrator.",
            subject="people:",
            name="People",
        )
        return
    phones = [each.kind for each in all_channels() if each.address_type == "tel"]
    reachable = ContactMethod.objects.filter(
        person__in=administrators, channel__in=phones, disabled_at=None, opted_out_at=None
    )
    if not reachable.exists():
        yield _finding(
            administrators[0],
            "no_administrator_phone",
            "broken",
            "No administrator has a phone number: nobody hears at night that a page was not answered.",
            "Add a phone number to an administrator.",
        )


def _needs_verification(kind: str) -> bool:
    try:
        return channel(kind).needs_verification
    except UnknownChannel:
        return False


def _can_acknowledge(kind: str) -> bool:
    try:
        return channel(kind).can_acknowledge
    except UnknownChannel:
        return False


def _finding(person: Person, check: str, grade: Grade, sentence: str, todo: str) -> Finding:
    return Finding(
        check=check, grade=grade, sentence=sentence, todo=todo, subject=f"person:{person.pk}", name=person.name
    )
