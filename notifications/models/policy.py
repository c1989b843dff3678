"""Escalation policies: who is reached, in which order, after how long, how often."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from people.models import Person, Schedule, Team, Tier


class EscalationPolicy(models.Model):
    """The editable policy; a page carries a frozen copy (`notifications.rules.frozen_policy`)."""

    name = models.CharField(max_length=100, unique=True)
    description = models.CharField(max_length=300, blank=True)
    rounds = models.PositiveSmallIntegerField(default=3, help_text="How often all levels are gone through.")
    required_acknowledgements = models.PositiveSmallIntegerField(default=1)
    remind_after_s = models.PositiveIntegerField(
        null=True, blank=True, help_text="Silence after an acknowledgement until a reminder; empty: never."
    )
    repage_after_s = models.PositiveIntegerField(
        null=True, blank=True, help_text="Further silence after the reminder until the page starts again."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        verbose_name_plural = "escalation policies"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(rounds__gte=1), name="policy_has_a_round"),
            models.CheckConstraint(
                condition=models.Q(required_acknowledgements__gte=1), name="policy_needs_an_acknowledgement"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Level(models.Model):
    """One step of a policy; `delay_s` is how long it has before the next one is called."""

    policy = models.ForeignKey(EscalationPolicy, on_delete=models.CASCADE, related_name="levels")
    position = models.PositiveSmallIntegerField()
    delay_s = models.PositiveIntegerField(default=300)

    class Meta:
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["policy", "position"], name="level_position_once", deferrable=models.Deferrable.DEFERRED
            ),
        ]


class Target(models.Model):
    """Whom a level reaches: exactly one of a person, a schedule's person on call, a team, a tier."""

    level = models.ForeignKey(Level, on_delete=models.CASCADE, related_name="targets")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE)
    schedule = models.ForeignKey(Schedule, null=True, blank=True, on_delete=models.PROTECT)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT)
    tier = models.ForeignKey(Tier, null=True, blank=True, on_delete=models.PROTECT)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=(
                    models.Q(person__isnull=False, schedule__isnull=True, team__isnull=True, tier__isnull=True)
                    | models.Q(person__isnull=True, schedule__isnull=False, team__isnull=True, tier__isnull=True)
                    | models.Q(person__isnull=True, schedule__isnull=True, team__isnull=False, tier__isnull=True)
                    | models.Q(person__isnull=True, schedule__isnull=True, team__isnull=True, tier__isnull=False)
                ),
                name="target_is_exactly_one",
            ),
        ]
