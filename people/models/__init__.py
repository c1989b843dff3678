"""Who there is: people, teams, leadership tiers, on-call schedules, API tokens."""

from people.models.organisation import Team, TeamMember, Tier, TierMember, TierSuccessor
from people.models.person import Person, PersonQuerySet, Role
from people.models.pin import PhonePin
from people.models.schedule import Override, Rotation, RotationMember, Schedule
from people.models.token import ApiToken

__all__ = [
    "ApiToken",
    "Override",
    "Person",
    "PersonQuerySet",
    "PhonePin",
    "Role",
    "Rotation",
    "RotationMember",
    "Schedule",
    "Team",
    "TeamMember",
    "Tier",
    "TierMember",
    "TierSuccessor",
]
