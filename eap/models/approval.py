"""What people said to an approval."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from eap.models.step import RunStep
from people.models import Person


class Vote(models.Model):
    """One person's yes or no to exactly what `digest` stands for (inputs, version, previews).

    `about` tells the rounds of one step apart: "" for an approval, "wave:2" for the gate before a wave of a fan-out.
    A vote that no longer counts, because the inputs changed, keeps `voided_at` and why.
    """

    class Answer(models.TextChoices):
        APPROVE = "approve", _("Approved")
        DENY = "deny", _("Denied")

    step = models.ForeignKey(RunStep, on_delete=models.CASCADE, related_name="votes")
    about = models.CharField(max_length=20, blank=True, default="")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=7, choices=Answer.choices)
    role = models.CharField(max_length=60, blank=True, default="", help_text="The plan's role they answered for.")
    digest = models.CharField(max_length=64)
    via = models.CharField(max_length=20)
    second_factor = models.BooleanField(default=False)
    note = models.CharField(max_length=1000, blank=True, default="")
    at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_why = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering: ClassVar[list[str]] = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["step", "about", "person"],
                condition=models.Q(voided_at__isnull=True),
                name="vote_once_per_person",
            ),
            models.CheckConstraint(condition=models.Q(answer__in=["approve", "deny"]), name="vote_answer_known"),
        ]
