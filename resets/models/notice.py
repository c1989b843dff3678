"""What customers are told about a reset, and each mail of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from people.models import Person
from resets.models.reset import Reset


class Notice(models.Model):
    """One round of telling the customers of a reset: `draft → approved → sending → done`; `paused` and back.

    Round 0 goes to everybody, later ones to those who have not set a password of their own. `texts` are
    {language: {"subject", "body"}}; a second person approves exactly what `approved_digest` stands for. `through` is
    the last wave whose letters may be written, `prepared_to` the first account (position) not looked at yet.

    It warms up: from `rate_start` mails a second, doubled every `double_every_s` seconds since `warm_since`, up to
    `rate_most`; `tokens` are those left at `filled_at`. `domain_rate` is the most for one mail domain.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        SENDING = "sending", _("Sending")
        PAUSED = "paused", _("Paused")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    reset = models.ForeignKey(Reset, on_delete=models.CASCADE, related_name="notices")
    round = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    texts = models.JSONField(default=dict)
    language = models.CharField(max_length=5, default="en", help_text="For those whose language nobody knows.")
    drafted_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    drafted_by_name = models.CharField(max_length=100)
    drafted_at = models.DateTimeField()
    writers = models.JSONField(default=list, help_text="Ids of all who wrote in it: none of them approves it.")
    approved_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_digest = models.CharField(max_length=64, blank=True, default="")
    through = models.PositiveSmallIntegerField(null=True, blank=True)
    prepared_to = models.PositiveIntegerField(default=0)
    without_address = models.PositiveIntegerField(default=0, help_text="Accounts before it that have no address.")
    rate_start = models.FloatField(default=10)
    rate_most = models.FloatField(default=50)
    double_every_s = models.PositiveIntegerField(default=1800)
    domain_rate = models.FloatField(default=20)
    tokens = models.FloatField(default=0)
    filled_at = models.DateTimeField(null=True, blank=True)
    warm_since = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["round"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["reset", "round"], name="reset_notice_round_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "approved", "sending", "paused", "done", "cancelled"]),
                name="reset_notice_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "cancelled"]) | ~models.Q(approved_digest=""),
                name="reset_notice_is_approved",
            ),
            models.CheckConstraint(
                condition=models.Q(rate_start__gt=0, rate_most__gt=0, domain_rate__gt=0, double_every_s__gte=1),
                name="reset_notice_rates_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reset} #{self.round}"


class NoticeLetter(models.Model):
    """One message of a round to one address about all its accounts; unique, so that writing them again adds nothing.

    `pending → sending → sent`, or `failed`, `unknown` (left, no answer), `bounced` (the address is gone), `withdrawn`
    (the owner was faster). An expired lease returns it to pending and marks it `repeated`. `wave` is the first one in
    which the address has an account.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        UNKNOWN = "unknown", _("Unknown")
        BOUNCED = "bounced", _("Bounced")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")

    id = models.BigAutoField(primary_key=True)
    # Its own index would be the first column of `reset_notice_letter_once` again.
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="letters", db_index=False)
    channel = models.CharField(max_length=5, choices=Channel.choices, default=Channel.EMAIL)
    address = models.CharField(max_length=254, help_text="In small letters.")
    language = models.CharField(max_length=5)
    wave = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.PENDING)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    repeated = models.BooleanField(default=False)
    code = models.CharField(max_length=40, blank=True, default="")
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["notice", "channel", "address"], name="reset_notice_letter_once"),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["pending", "sending", "sent", "failed", "unknown", "bounced", "withdrawn"]
                ),
                name="reset_notice_letter_state_known",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["notice", "due_at", "id"], name="reset_notice_letter_due", condition=models.Q(state="pending")
            ),
            models.Index(
                fields=["lease_until"], name="reset_notice_letter_leased", condition=models.Q(state="sending")
            ),
            models.Index(fields=["address"], name="reset_notice_letter_address"),
        ]


class DomainPace(models.Model):
    """How far one mail domain's share of a round is used: nothing to it before `paced_until`; what had to wait was
    given times up to `booked_until`."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="paces", db_index=False)
    domain = models.CharField(max_length=254)
    paced_until = models.DateTimeField()
    booked_until = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["notice", "domain"], name="reset_notice_domain_once"),
        ]
