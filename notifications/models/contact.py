"""A person's ways to be reached, and which of them is used when."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from people.models import Person
from web.secrets import EncryptedTextField


class Urgency(models.TextChoices):
    """High wakes people and is never throttled, bundled or capped; low may wait for the morning."""

    HIGH = "high", _("High")
    LOW = "low", _("Low")


class ContactMethod(models.Model):
    """One address on one channel. `channel` names a registered channel kind (voice, sms, email, webhook).

    `address` is E.164 for voice and sms, an e-mail address, or an absolute URL; `secret` signs webhooks.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contact_methods")
    channel = models.CharField(max_length=20)
    address = models.CharField(max_length=500)
    label = models.CharField(max_length=60, blank=True)
    secret = EncryptedTextField(blank=True, default="")
    verified_at = models.DateTimeField(null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=200, blank=True)
    opted_out_at = models.DateTimeField(null=True, blank=True, help_text=_("The person texted STOP."))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["created_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "channel", "address"], name="contact_method_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["channel", "address"], name="contact_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.address}"

    @property
    def usable(self) -> bool:
        """Tell whether a page may go there."""
        return self.disabled_at is None and self.opted_out_at is None


class ContactRule(models.Model):
    """Use this contact method so many seconds after a page of this urgency reaches the person.

    A call that nobody answers (busy, no answer, a machine) is placed again up to `redials` times, each `redial_after_s`
    seconds after the one before.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contact_rules")
    urgency = models.CharField(max_length=4, choices=Urgency.choices)
    contact_method = models.ForeignKey(ContactMethod, on_delete=models.CASCADE, related_name="rules")
    delay_s = models.PositiveIntegerField(default=0)
    # The database knows them too: while a host is upgraded, processes of the version before write rules without them.
    redials = models.PositiveSmallIntegerField(default=0, db_default=0)
    redial_after_s = models.PositiveIntegerField(default=60, db_default=60)

    class Meta:
        ordering: ClassVar[list[str]] = ["delay_s", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(urgency__in=Urgency.values), name="contact_rule_urgency_known"),
            models.UniqueConstraint(fields=["urgency", "contact_method", "delay_s"], name="contact_rule_once"),
        ]


class DiscreetCalls(models.Model):
    """Somebody whose calls say nothing of what they are about before a key is pressed; without a row they do."""

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.CASCADE, related_name="discreet_calls")
    since = models.DateTimeField()


class VerificationCode(models.Model):
    """Six digits sent to a contact method to prove that its owner reads it; only their keyed digest is kept.

    The newest one of a contact method counts. `tries` are wrong answers so far.
    """

    contact_method = models.ForeignKey(ContactMethod, on_delete=models.CASCADE, related_name="verification_codes")
    digest = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["contact_method", "-id"], name="verification_newest"),
        ]
