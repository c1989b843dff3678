"""How a reset is worked off: phases, waves, leased chunks, and the accounts that went another way."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from people.models import Person
from resets.models.reset import Account, Reset
from resets.models.system import System


class Phase(models.Model):
    """One kind of work over the whole scope: `waiting → running → done`; `held` while a limit or a gate stops it.

    Figures are sums over its chunks.
    """

    class Name(models.TextChoices):
        SEAL = "seal", _("Seal the old hashes")
        DISABLE = "disable", _("Disable")
        LOCK = "lock", _("Lock the passwords")
        ROTATE = "rotate", _("Rotate the passwords")
        REVOKE = "revoke", _("Revoke sessions and keys")
        VERIFY = "verify", _("Verify")
        ENABLE = "enable", _("Re-enable")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        HELD = "held", _("Held")
        DONE = "done", _("Done")

    reset = models.ForeignKey(Reset, on_delete=models.CASCADE, related_name="phases")
    name = models.CharField(max_length=8, choices=Name.choices)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    held_because = models.CharField(max_length=500, blank=True, default="")
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["reset", "name"], name="reset_phase_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "running", "held", "done"]), name="reset_phase_state_known"
            ),
        ]


class Wave(models.Model):
    """A wave of a phase and its gate: `closed → open → done`. `wanted`: somebody asked for it, the gate may be shut.

    A gate opens by itself where all were approved beforehand, or for the canary; else a person opens it, another one
    than who asked for the reset. `forgiven`: failures in spite of which somebody went on; limits no longer count them.
    """

    class State(models.TextChoices):
        CLOSED = "closed", _("Closed")
        OPEN = "open", _("Open")
        DONE = "done", _("Done")

    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="waves")
    number = models.PositiveSmallIntegerField()
    accounts = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=6, choices=State.choices, default=State.CLOSED)
    wanted = models.BooleanField(default=False)
    forgiven = models.PositiveIntegerField(default=0)
    opened_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["phase", "number"], name="reset_wave_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["closed", "open", "done"]), name="reset_wave_state_known"
            ),
        ]


class Chunk(models.Model):
    """Accounts `first` to `last` (positions, both included), all of one wave, system and shard.

    `pending → leased → done | failed`. A worker holds it until `lease_until`; a result counts only under the current
    `fence`. Not before `due_at`. The counts add up to last - first + 1 as soon as there was one result: applied,
    unchanged, skipped, missed (each missed or skipped one has a row in `Exceptional`). One that is pending again after
    a result is for its exceptions in state "retry" only. Failed: tried too often before any result; its accounts count
    as missed without rows of their own, and "retry these" makes it pending again.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        LEASED = "leased", _("Under way")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    id = models.BigAutoField(primary_key=True)
    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="chunks")
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="+")
    shard = models.CharField(max_length=253, blank=True, default="")
    wave = models.PositiveSmallIntegerField()
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.PENDING)
    due_at = models.DateTimeField(null=True, blank=True, help_text="Null: its wave is not open.")
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    applied = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    missed = models.PositiveIntegerField(default=0)
    code = models.CharField(max_length=60, blank=True, default="")
    sentence = models.CharField(max_length=500, blank=True, default="")
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["first"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["phase", "first"], name="reset_chunk_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "leased", "done", "failed"]), name="reset_chunk_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state="leased", lease_until__isnull=False)
                | (~models.Q(state="leased") & models.Q(lease_until__isnull=True)),
                name="reset_chunk_leased_has_lease",
            ),
            models.CheckConstraint(condition=models.Q(last__gte=models.F("first")), name="reset_chunk_range"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at", "id"], name="reset_chunk_due", condition=models.Q(state="pending")),
            models.Index(
                fields=["system", "shard", "wave", "first"],
                name="reset_chunk_host",
                condition=models.Q(state="pending"),
            ),
            models.Index(
                fields=["phase", "wave"], name="reset_chunk_left", condition=models.Q(state__in=["pending", "leased"])
            ),
            models.Index(fields=["lease_until"], name="reset_chunk_leased", condition=models.Q(state="leased")),
            models.Index(fields=["phase", "ended_at"], name="reset_chunk_ended"),
        ]


class Exceptional(models.Model):
    """An account that went another way than its chunk: missed (to be retried or not) or skipped, with the cause."""

    class State(models.TextChoices):
        RETRY = "retry", _("To be tried again")
        FAILED = "failed", _("Failed")
        SKIPPED = "skipped", _("Skipped")
        MENDED = "mended", _("Done later")

    id = models.BigAutoField(primary_key=True)
    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="exceptions")
    chunk = models.ForeignKey(Chunk, on_delete=models.CASCADE, related_name="exceptions")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="exceptions")
    state = models.CharField(max_length=7, choices=State.choices)
    code = models.CharField(max_length=60)
    sentence = models.CharField(max_length=500, blank=True, default="")
    tries = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["phase", "account"], name="reset_exception_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["retry", "failed", "skipped", "mended"]),
                name="reset_exception_state_known",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["phase", "code", "state"], name="reset_exception_causes"),
        ]
