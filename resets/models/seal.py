"""The old hashes, sealed to a key whose private half is not here, and their end."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from people.models import Person
from resets.models.chunk import Chunk
from resets.models.reset import Reset


class Seal(models.Model):
    """The old hashes of one chunk of the seal phase, readable only with the private half of `Reset.seal_key`.

    `box` is a libsodium sealed box over JSON: {"system", "shard", "hashes": [[login, hash], …]}. A chunk that is done
    again replaces its box.
    """

    reset = models.ForeignKey(Reset, on_delete=models.CASCADE, related_name="seals")
    chunk = models.OneToOneField(Chunk, on_delete=models.CASCADE, related_name="seal")
    accounts = models.PositiveIntegerField()
    box = models.BinaryField()
    at = models.DateTimeField()


class SealDestruction(models.Model):
    """The end of a reset's sealed hashes: one person asks for it, another one does it."""

    reset = models.OneToOneField(Reset, on_delete=models.CASCADE, related_name="seal_destruction")
    asked_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    asked_by_name = models.CharField(max_length=100)
    asked_at = models.DateTimeField()
    done_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    done_by_name = models.CharField(max_length=100, blank=True, default="")
    done_at = models.DateTimeField(null=True, blank=True)
    boxes = models.PositiveIntegerField(default=0, help_text="How many were destroyed.")
    accounts = models.PositiveIntegerField(default=0, help_text="Of how many accounts.")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(done_by__isnull=True)
                | models.Q(asked_by__isnull=True)
                | ~models.Q(asked_by=models.F("done_by")),
                name="seals_destroyed_by_two",
            ),
        ]
