"""Tiers, schedules, policies, severities, services and rules of Harbor Hosting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final

from demonstration.cast import TIME_ZONE
from incidents.models import MusterRequirement, Service, SeverityPolicy
from intake.models import RoutingRule
from notifications.models import EscalationPolicy, Level, Target
from people.models import (
    Person,
    Rotation,
    RotationMember,
    Schedule,
    Team,
    TeamMember,
    Tier,
    TierMember,
    TierSuccessor,
)

People = Mapping[str, Person]

SERVICES: Final = (
    ("shared-hosting", "Shared hosting", "Websites of 1.2 million accounts on 40 web server clusters.", "Web"),
    ("vps", "VPS", "Virtual servers and their hypervisors.", "Infrastructure"),
    ("dedicated", "Dedicated servers", "Rented machines in two halls, remote hands included.", "Infrastructure"),
    ("email", "E-mail", "Mailboxes, webmail, incoming and outgoing relays.", "Web"),
    ("dns", "DNS", "Authoritative name servers and the zone editor.", "Infrastructure"),
    ("control-panel", "Control panel", "Where customers manage everything; signs them in.", "Web"),
    ("ftp-ssh", "FTP and SSH", "File access and shells of shared hosting.", "Web"),
    ("databases", "Databases", "MySQL and PostgreSQL of customers, and our own.", "Infrastructure"),
)
SEVERITIES: Final = (
    (1, "Customers lose data or money now, or somebody is inside: leadership decides tonight.", True, 1800, 600),
    (2, "A service is down or badly limited for many customers.", True, 1800, 900),
    (3, "A service is limited for some customers, or redundancy is lost.", True, 3600, 1800),
    (4, "An annoyance or a risk; it can wait until somebody is at work.", False, None, None),
)
# severity, tier, quorum, deadline, time for each successor (seconds)
REQUIREMENTS: Final = (
    (1, "on-call", 1, 180, 120),
    (1, "ceo", 1, 300, 180),
    (1, "vp", 2, 300, 180),
    (1, "manager", 2, 300, 180),
    (2, "on-call", 1, 300, 180),
    (2, "vp", 1, 600, 300),
    (2, "manager", 1, 600, 300),
    (3, "on-call", 1, 300, 300),
)
TIERS: Final[tuple[tuple[str, str, int, Sequence[str], Sequence[str]], ...]] = (
    ("ceo", "CEO", 1, ["Ada"], ["Vic", "Vera"]),
    ("vp", "Vice presidents", 2, ["Vic", "Vera"], ["Mia", "Max"]),
    ("manager", "Managers", 3, ["Mia", "Max"], ["Olga", "Sid"]),
    ("on-call", "Engineer on call", 4, [], ["Olga", "Otto", "Max"]),
    ("communications", "Communications", 5, ["Cam"], ["Mia"]),
    ("security", "Security", 6, ["Sid"], ["Otto"]),
    ("legal", "Legal", 7, ["Leo"], ["Vera"]),
)


def organise(people: People, *, now: datetime) -> None:
    """Create everything above for these people, found by first name."""
    schedules = _schedules(people, now)
    _teams(people)
    _tiers(people, schedules["Engineer on call"])
    policies = _policies(people, schedules)
    _severities()
    for key, name, description, team in SERVICES:
        Service.objects.create(
            key=key, name=name, description=description, policy=policies[team], team=Team.objects.get(name=team)
        )
    _rules()


def _schedules(people: People, now: datetime) -> dict[str, Schedule]:
    monday = now.date() - timedelta(days=now.weekday() + 28)
    first = Schedule.objects.create(name="Engineer on call", time_zone=TIME_ZONE)
    _rotation(first, "Weeks", "weekly", time(9), monday, [people["Otto"], people["Olga"]])
    support = Schedule.objects.create(name="Support desk", time_zone=TIME_ZONE)
    _rotation(support, "Days", "daily", time(8), monday, [people["Sue"], people["Mia"], people["Max"]])
    return {schedule.name: schedule for schedule in (first, support)}


def _rotation(
    schedule: Schedule, name: str, kind: str, handover_at: time, starts_on: Any, turns: Sequence[Person]
) -> None:
    rotation = Rotation.objects.create(
        schedule=schedule, name=name, kind=kind, handover_at=handover_at, starts_on=starts_on
    )
    for position, person in enumerate(turns):
        RotationMember.objects.create(rotation=rotation, person=person, position=position)


def _teams(people: People) -> None:
    members = {"Web": ["Olga", "Sue", "Mia"], "Infrastructure": ["Otto", "Max", "Sid"]}
    for name, names in members.items():
        team = Team.objects.create(name=name)
        for position, member in enumerate(names):
            TeamMember.objects.create(team=team, person=people[member], position=position)


def _tiers(people: People, on_call: Schedule) -> None:
    for key, name, rank, members, line in TIERS:
        tier = Tier.objects.create(key=key, name=name, rank=rank, schedule=on_call if key == "on-call" else None)
        for position, member in enumerate(members):
            TierMember.objects.create(tier=tier, person=people[member], position=position)
        for position, member in enumerate(line):
            TierSuccessor.objects.create(tier=tier, person=people[member], position=position)


def _policies(people: People, schedules: Mapping[str, Schedule]) -> dict[str, EscalationPolicy]:
    on_call, team = schedules["Engineer on call"], {team.name: team for team in Team.objects.all()}
    managers = Tier.objects.get(key="manager")
    return {
        "Infrastructure": _policy(
            "Infrastructure", "On call, then the team, then the managers.", on_call, team["Infrastructure"], managers
        ),
        "Web": _policy("Web", "On call, then the team, then the managers.", on_call, team["Web"], managers),
        "Security": _policy("Security", "Security, then on call.", people["Sid"], on_call, managers),
    }


def _policy(name: str, description: str, *targets: Person | Schedule | Team | Tier) -> EscalationPolicy:
    policy = EscalationPolicy.objects.create(
        name=name, description=description, rounds=3, remind_after_s=1800, repage_after_s=900
    )
    for position, target in enumerate(targets, start=1):
        level = Level.objects.create(policy=policy, position=position, delay_s=300)
        Target.objects.create(level=level, **{type(target).__name__.lower(): target})
    return policy


def _severities() -> None:
    for severity, meaning, high, remind, repage in SEVERITIES:
        SeverityPolicy.objects.create(
            severity=severity, meaning=meaning, high_urgency=high, remind_after_s=remind, repage_after_s=repage
        )
    tiers = {tier.key: tier for tier in Tier.objects.all()}
    for severity, tier, quorum, deadline, succession in REQUIREMENTS:
        MusterRequirement.objects.create(
            severity_id=severity, tier=tiers[tier], quorum=quorum, deadline_s=deadline, succession_s=succession
        )


def _rules() -> None:
    rules: tuple[dict[str, Any], ...] = (
        {
            "name": "Database read from outside",
            "conditions": [
                {"field": "summary", "is": "matches", "value": "(?i)(intrusion|read from outside|exfiltrat)"}
            ],
            "action": "incident",
            "incident_type": "intrusion",
            "incident_severity": 1,
        },
        {
            "name": "Backup failed or can't be read",
            "conditions": [{"field": "summary", "is": "matches", "value": "(?i)backup.*(fail|corrupt|missing|late)"}],
            "action": "incident",
            "incident_type": "backup_failure",
            "incident_severity": 2,
        },
        {
            "name": "Critical",
            "conditions": [{"field": "severity", "is": "equals", "value": "critical"}],
            "action": "incident",
            "incident_severity": 2,
        },
        {
            "name": "Errors",
            "conditions": [{"field": "severity", "is": "equals", "value": "error"}],
            "action": "incident",
            "incident_severity": 3,
        },
        {
            "name": "Warnings page the service",
            "conditions": [{"field": "severity", "is": "equals", "value": "warning"}],
            "action": "page",
        },
        {"name": "Everything else is kept", "conditions": [], "action": "record"},
    )
    for position, rule in enumerate(rules, start=1):
        RoutingRule.objects.create(position=position, **rule)
