"""A page: the duty to reach somebody about a subject, until a human answers."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.models.contact import Urgency
from people.models import Person


class Page(models.Model):
    """One duty to reach people, with the policy frozen at its start.

    `subject` is `"incident:<uuid>"`, or empty for a page that stands alone; `purpose` tells pages about
    one subject apart (`"muster:ceo"`, `"service"`, `"responders"`, `"person"`, `"fallback"`).
    `level` and `round` count from 1; 0 means not begun. `next_step_at` is when the engine looks again
    (null: nothing to do by time). `code` is what an SMS answer may carry to name this page.
    """

    class State(models.TextChoices):
        PAGING = "paging", _("Paging")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        EXHAUSTED = "exhausted", _("Exhausted")
        CANCELLED = "cancelled", _("Cancelled")

    class CancelReason(models.TextChoices):
        RESOLVED = "resolved", _("Resolved")
        MERGED = "merged", _("Merged")
        DECLINED = "declined", _("Declined")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.CharField(max_length=60, blank=True, default="")
    purpose = models.CharField(max_length=60, default="person")
    title = models.CharField(max_length=300)
    urgency = models.CharField(max_length=4, choices=Urgency.choices, default=Urgency.HIGH)
    severity = models.PositiveSmallIntegerField(default=3, help_text="1 to 4; orders what is sent first.")
    state = models.CharField(max_length=12, choices=State.choices, default=State.PAGING)
    cancel_reason = models.CharField(max_length=10, choices=CancelReason.choices, blank=True, default="")
    policy = models.JSONField(help_text="Frozen at the start; shape in notifications.rules.frozen_policy.")
    policy_name = models.CharField(max_length=100, blank=True)
    required_acknowledgements = models.PositiveSmallIntegerField(default=1)
    level = models.PositiveSmallIntegerField(default=0)
    round = models.PositiveSmallIntegerField(default=0)
    next_step_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    code = models.CharField(max_length=6)
    trouble = models.CharField(
        max_length=300, blank=True, default="", help_text="A visible error: nobody on call, no contact method."
    )
    fallback_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="fallbacks")
    started_at = models.DateTimeField()
    paging_since = models.DateTimeField(
        help_text="Answers and calls count from here: the start, or the last time it went back to paging."
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-started_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state__in=["paging", "acknowledged", "exhausted", "cancelled"]),
                name="page_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state="cancelled", cancel_reason__in=["resolved", "merged", "declined"])
                | (~models.Q(state="cancelled") & models.Q(cancel_reason="")),
                name="page_cancelled_with_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(state="paging") | models.Q(state="acknowledged") | models.Q(ended_at__isnull=False),
                name="page_ended_has_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="paging") | models.Q(next_step_at__isnull=False),
                name="page_paging_has_next_step",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["next_step_at"],
                name="page_due",
                condition=models.Q(state__in=["paging", "acknowledged"], next_step_at__isnull=False),
            ),
            models.Index(fields=["subject"], name="page_by_subject"),
            models.Index(fields=["state", "-started_at"], name="page_by_state"),
            models.Index(fields=["-started_at", "id"], name="page_newest"),
            models.Index(
                fields=["code"], name="page_open_by_code", condition=models.Q(state__in=["paging", "acknowledged"])
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Tell whether somebody may still answer it."""
        return self.state in (Page.State.PAGING, Page.State.ACKNOWLEDGED)


class Responder(models.Model):
    """One person called by a page: how far the call got and what they answered.

    `delivered` means some message reached them; only `acknowledged` is a human's yes.
    `late`: their level's time passed without an answer; they may still answer.
    """

    class State(models.TextChoices):
        CALLED = "called", _("Called")
        DELIVERED = "delivered", _("Delivered")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        DECLINED = "declined", _("Declined")
        LATE = "late", _("Late")
        UNREACHABLE = "unreachable", _("No contact method")

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="responders_called")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="pages_called_for")
    state = models.CharField(max_length=12, choices=State.choices, default=State.CALLED)
    level = models.PositiveSmallIntegerField()
    round = models.PositiveSmallIntegerField()
    called_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    via = models.CharField(max_length=20, blank=True, default="")
    on_behalf_by = models.CharField(
        max_length=200, blank=True, default="", help_text="Who answered for them; such an answer meets no quorum."
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["round", "level", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["page", "person"], name="responder_once_per_page"),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["called", "delivered", "acknowledged", "declined", "late", "unreachable"]
                ),
                name="responder_state_known",
            ),
        ]


class PageRecheck(models.Model):
    """News for the floor above: something about this subject's pages moved, look again.

    Insert-only inside operations (no lock above those held); a duty of the subject's app drains it.
    """

    subject = models.CharField(max_length=60)
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["subject"], name="page_recheck_subject")]
