"""What customers say: "I'm affected", and comments that staff let through and answer."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from people.models import Person
from statuspage.models.component import Component
from statuspage.models.customer import Customer
from statuspage.models.incident import PublicIncident


class Report(models.Model):
    """ "I'm affected" or "it works for me", about a component. `reporter` is a keyed digest of who said it, so that one
    reporter counts once a day; no address is kept."""

    class Says(models.TextChoices):
        AFFECTED = "affected", _("I'm affected")
        WORKS = "works", _("It works for me")

    component = models.ForeignKey(Component, on_delete=models.CASCADE, related_name="reports")
    public_incident = models.ForeignKey(
        PublicIncident, null=True, blank=True, on_delete=models.CASCADE, related_name="reports"
    )
    says = models.CharField(max_length=8, choices=Says.choices)
    reporter = models.CharField(max_length=64)
    day = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["component", "reporter", "day"], name="report_once_a_day"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["component", "-at"], name="report_newest")]


class Comment(models.Model):
    """A customer's words under an incident: `waiting → shown` or `hidden`, by a person of staff, with their reply."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SHOWN = "shown", _("Shown")
        HIDDEN = "hidden", _("Hidden")

    public_incident = models.ForeignKey(PublicIncident, on_delete=models.CASCADE, related_name="comments")
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.SET_NULL, related_name="comments")
    name = models.CharField(max_length=60, blank=True, default="")
    text = models.TextField(max_length=1000)
    reporter = models.CharField(max_length=64)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    reply = models.TextField(max_length=2000, blank=True, default="")
    moderated_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    replied_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["created_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "shown", "hidden"]), name="comment_state_known"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["created_at"], name="comment_waiting", condition=models.Q(state="waiting")),
        ]
