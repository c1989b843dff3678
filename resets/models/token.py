"""How customers come back: what they asked for on the reset page, single-use tokens, and who has returned."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from people.models import Person
from resets.models.reset import Account


class Return(models.Model):
    """The owner of an account has set a password of their own since the reset: nothing is left to do for it.

    One a time for each account of a reset. Who reads stragglers reads accounts without one.
    """

    class Via(models.TextChoices):
        SELF_SET = "self_set", _("On the reset page")
        SUPPORT = "support", _("With the help of support")
        FOUND = "found", _("On the system itself")

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="returned")
    at = models.DateTimeField()
    via = models.CharField(max_length=8, choices=Via.choices)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(via__in=["self_set", "support", "found"]), name="reset_return_via_known"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["at"], name="reset_return_at")]


class Token(models.Model):
    """Leave to set one account's password once, until `expires_at`. What is mailed is derived from `id` and `nonce`
    with a key; here stands only its SHA-256.

    `needs_proof`: the mail address alone is not trusted. While the system is being asked, `lease_until` keeps a second
    request out.
    """

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="tokens")
    nonce = models.BinaryField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    needs_proof = models.BooleanField()
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["expires_at"], name="reset_token_expires"),
        ]


class SupportCode(models.Model):
    """A second proof that support gave an owner whom it had identified, for one account; works once.

    `digest` is its SHA-256 (keyed); after five wrong ones (`wrong`) none works any more.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="support_codes")
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=300)
    issued_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    issued_by_name = models.CharField(max_length=100)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    wrong = models.PositiveSmallIntegerField(default=0)


class SelfSetLetter(models.Model):
    """One mail about the reset page: `pending → sending → sent`, `failed`, or `dropped` (there is nobody to write to).

    A request (`login` as typed) leaves the same row whether anybody knows the login or not. Whose it is, is found out
    later: then each account that bears it gets a letter of its own.
    """

    class Kind(models.TextChoices):
        REQUEST = "request", _("Asked on the reset page")
        CODE = "code", _("Code")
        LATER = "later", _("Not possible yet")
        RETURNED = "returned", _("A password was set already")
        CHANGED = "changed", _("The password was set")

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        DROPPED = "dropped", _("Dropped")

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    login = models.CharField(max_length=254, blank=True, default="")
    language = models.CharField(max_length=5, default="en")
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    token = models.ForeignKey(Token, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=7, choices=State.choices, default=State.PENDING)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=40, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "sending", "sent", "failed", "dropped"]),
                name="reset_letter_state_known",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at", "id"], name="reset_letter_due", condition=models.Q(state="pending")),
            models.Index(fields=["lease_until"], name="reset_letter_leased", condition=models.Q(state="sending")),
            models.Index(fields=["created_at"], name="reset_letter_by_age"),
        ]
