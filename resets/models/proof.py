"""What was seen when accounts were looked at after the work."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from resets.models.reset import Account, Reset
from resets.models.system import System


class Verification(models.Model):
    """One look at the accounts of a reset: all of the canary, and a sample of the rest by chance.

    `looked_at` counts accounts. It holds when no check of it failed; `ended_at` is null while it is under way.
    """

    reset = models.ForeignKey(Reset, on_delete=models.CASCADE, related_name="verifications")
    canary_only = models.BooleanField()
    wanted = models.PositiveIntegerField(help_text="Accounts per system, beside the canary.")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    looked_at = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0, help_text="Checks that do not hold.")
    untried = models.PositiveIntegerField(default=0, help_text="Checks that could not be made.")

    class Meta:
        ordering: ClassVar[list[str]] = ["started_at", "id"]


class AccountCheck(models.Model):
    """One check on one account. `holds` is null where it could not be tried; `probe`: a real sign-in with a known old
    password, on an account kept for that."""

    class What(models.TextChoices):
        OLD_REFUSED = "old_refused", _("The old password is refused")
        STATE_EFFECTIVE = "state_effective", _("The state is as it should be")
        SESSION_GONE = "session_gone", _("No session is open")

    id = models.BigAutoField(primary_key=True)
    verification = models.ForeignKey(Verification, on_delete=models.CASCADE, related_name="checks")
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="checks")
    canary = models.BooleanField()
    what = models.CharField(max_length=15, choices=What.choices)
    holds = models.BooleanField(null=True)
    sentence = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["verification", "account", "what"], name="account_checked_once"),
            models.CheckConstraint(
                condition=models.Q(what__in=["old_refused", "state_effective", "session_gone"]),
                name="account_check_known",
            ),
        ]


class CompletionReport(models.Model):
    """The facts of a reset as they stood when its report was made; `fingerprint` is their SHA-256, as in the ledger."""

    reset = models.ForeignKey(Reset, on_delete=models.CASCADE, related_name="reports")
    facts = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    outcomes_sha256 = models.CharField(max_length=64, help_text="Of the export of all accounts as JSON lines.")
    made_by_name = models.CharField(max_length=100)
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["made_at", "id"]
