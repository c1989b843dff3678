"""Teams, and the leadership tiers an incident musters, with their lines of succession."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from people.models.person import Person
from people.models.schedule import Schedule


class Team(models.Model):
    """People who are paged together or own a service."""

    name = models.CharField(max_length=100, unique=True)
    members: models.ManyToManyField[Person, TeamMember] = models.ManyToManyField(
        Person, through="TeamMember", related_name="teams"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """One person's place in one team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["team", "person"], name="team_member_once"),
        ]


class Tier(models.Model):
    """A level of leadership: its own members, or whoever a schedule says is on call.

    `rank` orders tiers (1 is the top); successors stand in, in order, when a member doesn't answer.
    """

    key = models.SlugField(max_length=30, unique=True)
    name = models.CharField(max_length=100)
    rank = models.PositiveSmallIntegerField()
    schedule = models.ForeignKey(
        Schedule,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        help_text=_("Set for the tier of the engineer on call: its member is who the schedule says."),
    )
    members: models.ManyToManyField[Person, TierMember] = models.ManyToManyField(
        Person, through="TierMember", related_name="tiers"
    )
    successors: models.ManyToManyField[Person, TierSuccessor] = models.ManyToManyField(
        Person, through="TierSuccessor", related_name="succeeds_in"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["rank", "name"]

    def __str__(self) -> str:
        return self.name


class TierMember(models.Model):
    """One person's seat in a tier."""

    tier = models.ForeignKey(Tier, on_delete=models.CASCADE, related_name="seats")
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tier", "person"], name="tier_member_once"),
        ]


class TierSuccessor(models.Model):
    """One place in a tier's line of succession; position 0 is asked first."""

    tier = models.ForeignKey(Tier, on_delete=models.CASCADE, related_name="succession")
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tier", "person"], name="tier_successor_once"),
        ]
