"""What a number was last told that a page asks."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from notifications.models.page import Page


class QuestionTold(models.Model):
    """The question as a text last described it to a number: a reply by code answers that, not what it has become.

    `seal` stands for what was described (`notifications.questions.Question`). `pin_asked_at`: the next text from there
    may be nothing but the PIN. A call needs no row: its next address carries the seal.
    """

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=500)
    seal = models.CharField(max_length=64)
    told_at = models.DateTimeField()
    pin_asked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["page", "address"], name="question_told_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["address"], name="question_awaits_pin", condition=models.Q(pin_asked_at__isnull=False)
            ),
        ]
