"""Deliveries: the outbox and its history. One row is one message to one contact method."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.models.contact import ContactMethod, Urgency
from notifications.models.page import Page
from people.models import Person


class Delivery(models.Model):
    """`pending → sending (lease) → sent → delivered`, or `failed`, `expired`, `cancelled`.

    `kind` is what it is for (page, reminder, answered, alarm, verification, test). `address` is a copy, so that
    a later edit of the contact method does not rewrite history. `fence` grows with each claim: a result
    carrying an older one is ignored. `repeated` marks a send whose first try had an unknown outcome.
    Rows are prunable by age once final; every hot index is partial on what is open.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")
        EXPIRED = "expired", _("Expired")
        CANCELLED = "cancelled", _("Cancelled")

    class Kind(models.TextChoices):
        PAGE = "page", _("Page")
        REMINDER = "reminder", _("Reminder")
        NEWS = "news", _("News")
        ALARM = "alarm", _("Alarm")
        VERIFICATION = "verification", _("Verification")
        TEST = "test", _("Test")

    page = models.ForeignKey(Page, null=True, blank=True, on_delete=models.PROTECT, related_name="deliveries")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="deliveries")
    contact_method = models.ForeignKey(
        ContactMethod, null=True, blank=True, on_delete=models.SET_NULL, related_name="deliveries"
    )
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.PAGE)
    channel = models.CharField(max_length=20)
    address = models.CharField(max_length=500)
    provider = models.CharField(max_length=20, blank=True, default="")
    content = models.JSONField(default=dict, blank=True, help_text="What a delivery without a page says.")
    urgency = models.CharField(max_length=4, choices=Urgency.choices, default=Urgency.HIGH)
    severity = models.PositiveSmallIntegerField(default=3)
    level = models.PositiveSmallIntegerField(default=0)
    round = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    reason = models.CharField(max_length=300, blank=True, default="", help_text="Why it failed, expired or ended.")
    repeated = models.BooleanField(default=False)
    not_before = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    provider_rank = models.SmallIntegerField(default=0, help_text="How far the provider's callbacks got; never back.")
    provider_ref = models.CharField(max_length=64, blank=True, default="", help_text="The provider's id (sid).")
    withdraw_at = models.DateTimeField(null=True, blank=True, help_text="Set when a ringing call should be hung up.")
    check_at = models.DateTimeField(
        null=True, blank=True, help_text="When to ask the provider what became of it, unless a callback says so before."
    )
    overtaken_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When another way was taken beside it, because it waits for its turn at the provider.",
    )
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        verbose_name_plural = "deliveries"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["pending", "sending", "sent", "delivered", "failed", "expired", "cancelled"]
                ),
                name="delivery_state_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="sending") | models.Q(lease_until__isnull=False),
                name="delivery_sending_has_lease",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["urgency", "severity", "not_before", "id"],
                name="delivery_pending",
                condition=models.Q(state="pending"),
            ),
            models.Index(
                fields=["channel", "urgency", "severity", "not_before", "id"],
                name="delivery_pending_by_channel",
                condition=models.Q(state="pending"),
            ),
            models.Index(fields=["lease_until"], name="delivery_leased", condition=models.Q(state="sending")),
            models.Index(
                fields=["withdraw_at"], name="delivery_to_withdraw", condition=models.Q(withdraw_at__isnull=False)
            ),
            models.Index(fields=["check_at"], name="delivery_to_check", condition=models.Q(check_at__isnull=False)),
            models.Index(fields=["page", "person"], name="delivery_by_page"),
            models.Index(
                fields=["provider_ref"], name="delivery_by_provider_ref", condition=~models.Q(provider_ref="")
            ),
            models.Index(fields=["address", "-id"], name="delivery_by_address"),
        ]


class Attempt(models.Model):
    """One exchange with a provider; kept for ever as evidence (until pruned with its delivery)."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    provider = models.CharField(max_length=20)
    result = models.CharField(
        max_length=20,
        help_text="accepted, temporary, permanent, unknown, found, not_found, or the provider's later word.",
    )
    code = models.CharField(max_length=20, blank=True, default="")
    detail = models.CharField(max_length=300, blank=True, default="")
    latency_ms = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["at"], name="attempt_by_time")]


class RefusedCallback(models.Model):
    """How many requests with a wrong signature a provider's address got on one day; one row per provider and day."""

    provider = models.CharField(max_length=20)
    on = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["provider", "on"], name="refused_once_a_day"),
        ]


class InboundReceipt(models.Model):
    """A provider's callback already taken, so that its double changes nothing; pruned after two days."""

    provider = models.CharField(max_length=20)
    key = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["provider", "key"], name="inbound_once"),
        ]
