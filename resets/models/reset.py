"""One reset, and the accounts it was frozen to."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from eap.models import Run
from people.models import Person
from resets.models.system import System


class Reset(models.Model):
    """`draft → frozen → running → paused` (and back) `→ done | aborted`.

    Frozen: the accounts and the cutoff no longer change, `count` and `digest` (SHA-256 over system, shard and login of
    all of them in order) say which they are. `generation` is larger than that of every reset before it. `mode`:
    "self_set" locks and lets each owner choose, "scramble" rotates to hashes of secrets that nobody learns. `gates`:
    whether a person opens each wave, or all were approved beforehand. Abort fails closed (what is disabled stays so);
    only a person's resume goes on from there. The limits are {"failures", "percent"} for the wave and in total, as
    `eap.rules.failure_limits` reads them. The phase in which work is done and the wave up to which it may go stand in
    `Phase` and `Wave`.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        FROZEN = "frozen", _("Frozen")
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        DONE = "done", _("Done")
        ABORTED = "aborted", _("Aborted")

    class Mode(models.TextChoices):
        SELF_SET = "self_set", _("Lock; owners choose a new password")
        SCRAMBLE = "scramble", _("Rotate to a secret that nobody knows; owners choose a new password")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=200)
    run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.PROTECT, related_name="resets")
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.SELF_SET)
    drill = models.BooleanField(default=False)
    cutoff = models.DateTimeField(help_text="Passwords set before it count as stolen.")
    selection = models.JSONField(default=dict, help_text="hosts, groups, plans, logins; systems by key.")
    systems = models.ManyToManyField(System, related_name="resets")
    generation = models.PositiveBigIntegerField(unique=True)
    count = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True, default="")
    frozen_at = models.DateTimeField(null=True, blank=True)
    gates_open = models.BooleanField(default=False, help_text="Approved beforehand, all of them.")
    wave_limit = models.JSONField(default=dict, blank=True)
    total_limit = models.JSONField(default=dict, blank=True)
    rate = models.PositiveIntegerField(null=True, blank=True, help_text="Accounts per second over all hosts.")
    free_at = models.DateTimeField(null=True, blank=True, help_text="When what was begun is paid for at this rate.")
    seal_key = models.CharField(max_length=64, blank=True, default="", help_text="X25519 public key, Base64.")
    created_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_by_name = models.CharField(max_length=100)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=500, blank=True, default="", help_text="Why it holds, in a sentence.")

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "frozen", "running", "paused", "done", "aborted"]),
                name="reset_state_known",
            ),
            models.CheckConstraint(condition=models.Q(mode__in=["self_set", "scramble"]), name="reset_mode_known"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def subject(self) -> str:
        """Return the name under which screens and the ledger know this reset."""
        return f"reset:{self.id}"


class Account(models.Model):
    """An account in the frozen scope; written once and never changed.

    `position` numbers them so that a chunk is a range: by wave, system, shard and login. Waves: 0 canary, 1 the first
    100, 2 one percent, 3 ten percent, 4 the rest; all but the canary by chance. A million are written at a time, so
    their references are not checked row by row.
    """

    id = models.BigAutoField(primary_key=True)
    reset = models.ForeignKey(
        Reset, on_delete=models.CASCADE, related_name="accounts", db_constraint=False, db_index=False
    )
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    shard = models.CharField(max_length=253, blank=True, default="")
    login = models.CharField(max_length=254)
    position = models.PositiveIntegerField()
    wave = models.PositiveSmallIntegerField()
    set_at = models.DateTimeField(null=True, blank=True)
    email = models.CharField(max_length=254, blank=True, default="")
    email_changed_at = models.DateTimeField(null=True, blank=True)
    language = models.CharField(max_length=5, blank=True, default="")
    customer = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["reset", "position"], name="reset_account_position"),
            models.UniqueConstraint(fields=["reset", "system", "shard", "login"], name="reset_account_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["login"], name="reset_account_login"),
            models.Index(models.F("reset"), Lower("email"), name="reset_account_email", condition=~models.Q(email="")),
        ]


class Exclusion(models.Model):
    """An account that a reset leaves alone (break-glass, monitoring, platform), with the reason.

    Somebody else approves it than who put it on the list; without that the accounts are not frozen.
    """

    reset = models.ForeignKey(Reset, on_delete=models.CASCADE, related_name="exclusions")
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="+")
    login = models.CharField(max_length=254)
    reason = models.CharField(max_length=300)
    added_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    added_by_name = models.CharField(max_length=100)
    approved_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["reset", "system", "login"], name="reset_exclusion_once"),
        ]
