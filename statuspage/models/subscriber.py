"""Who wants to hear, and what each of them was sent."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from statuspage.models.component import Component
from statuspage.models.customer import Customer
from statuspage.models.incident import Impact, StatusUpdate
from statuspage.models.page import StatusPage
from web.secrets import EncryptedTextField


class Subscriber(models.Model):
    """One address that hears of a page: `pending → active → ended`, or `quarantined` after bounces.

    `minimum_impact` none: everything. `all_components` or those chosen. A webhook's `secret` signs what it gets; when
    it fails, the mail address in `contact` hears of it. A `customer`'s own subscription gets targeted notices.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        SMS = "sms", _("SMS")
        WEBHOOK = "webhook", _("Webhook")

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting for confirmation")
        ACTIVE = "active", _("Active")
        QUARANTINED = "quarantined", _("Quarantined")
        ENDED = "ended", _("Ended")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    page = models.ForeignKey(StatusPage, on_delete=models.CASCADE, related_name="subscribers")
    channel = models.CharField(max_length=7, choices=Channel.choices)
    address = models.CharField(max_length=500)
    state = models.CharField(max_length=11, choices=State.choices, default=State.PENDING)
    language = models.CharField(max_length=5, default="en")
    minimum_impact = models.CharField(max_length=11, choices=Impact.choices, default=Impact.NONE)
    all_components = models.BooleanField(default=True)
    components = models.ManyToManyField(Component, blank=True, related_name="+")
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.CASCADE, related_name="subscriptions"
    )
    secret = EncryptedTextField(blank=True, default="")
    contact = models.EmailField(max_length=254, blank=True, default="")
    failures = models.PositiveSmallIntegerField(default=0)
    quarantined_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(help_text="When a confirmation was last asked for.")
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["created_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["page", "channel", "address"], name="subscriber_once_per_page"),
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "active", "quarantined", "ended"]),
                name="subscriber_state_known",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["page", "channel", "id"], name="subscriber_active", condition=models.Q(state="active")
            ),
        ]


class Mailing(models.Model):
    """An update on its way to subscribers: `preparing → sending → done`, or `overtaken` by a newer update.

    `prepared_to` is the last subscriber for whom a notice was written, so that preparing goes on where it stopped.
    `figures` counts its notices by state once they are pruned; null until then.
    """

    class State(models.TextChoices):
        PREPARING = "preparing", _("Preparing")
        SENDING = "sending", _("Sending")
        DONE = "done", _("Done")
        OVERTAKEN = "overtaken", _("Overtaken by a newer update")

    update = models.OneToOneField(StatusUpdate, on_delete=models.CASCADE, related_name="mailing")
    state = models.CharField(max_length=9, choices=State.choices, default=State.PREPARING)
    prepared_to = models.UUIDField(null=True, blank=True)
    figures = models.JSONField(null=True, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["started_at"], name="mailing_open", condition=models.Q(state__in=["preparing", "sending"])
            ),
        ]


class Notice(models.Model):
    """One message of a mailing to one subscriber; unique, so that preparing again adds nothing.

    `pending → sending → sent`, or `failed`, `unknown` (left, no answer), `overtaken`. An expired lease returns it to
    pending and marks it `repeated`.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        UNKNOWN = "unknown", _("Unknown")
        OVERTAKEN = "overtaken", _("Overtaken")

    id = models.BigAutoField(primary_key=True)
    # Its own index would be the first column of `notice_once` again, and each notice is written three times.
    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="notices", db_index=False)
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="notices")
    channel = models.CharField(max_length=7, choices=Subscriber.Channel.choices)
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
            models.UniqueConstraint(fields=["mailing", "subscriber"], name="notice_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "sending", "sent", "failed", "unknown", "overtaken"]),
                name="notice_state_known",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["mailing", "channel", "due_at", "id"], name="notice_due", condition=models.Q(state="pending")
            ),
            models.Index(fields=["lease_until"], name="notice_leased", condition=models.Q(state="sending")),
        ]
