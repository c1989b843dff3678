"""What was done on systems that keep no note of it themselves."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class PanelNote(models.Model):
    """An operation of one generation on one account of a panel, which has no place to write a generation down.

    `intended` is committed before the panel is asked, `done` after its answer: after a crash in between the operation
    is done again. `set_password` by the owner spares the account from later operations of that generation.
    `place` is the panel's address.
    """

    class State(models.TextChoices):
        INTENDED = "intended", _("Intended")
        DONE = "done", _("Done")

    id = models.BigAutoField(primary_key=True)
    place = models.CharField(max_length=200)
    login = models.CharField(max_length=254)
    generation = models.PositiveBigIntegerField()
    operation = models.CharField(max_length=12)
    state = models.CharField(max_length=8, choices=State.choices)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["place", "login", "generation", "operation"], name="panel_note_once"),
            models.CheckConstraint(condition=models.Q(state__in=["intended", "done"]), name="panel_note_state_known"),
        ]
