"""Files of customers and servers on their way in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from people.models import Person
from statuspage.ids import new_id
from statuspage.models.page import StatusPage


class CustomerImport(models.Model):
    """A file that somebody uploaded: `waiting → refused`, or `→ done`.

    With `replace` it stops at `ready` until a person has seen what would be removed, and goes on as `confirmed`.

    `content` is the file, compressed; it is emptied at the end. `errors` holds `[line, sentence]`, the first 50.
    `counts` says what would be or was done. `read_rows` moves while it is read, `lease_until` keeps it to one engine.
    """

    class Kind(models.TextChoices):
        CUSTOMERS = "customers", _("Customers and their assets")
        SERVERS = "servers", _("Servers")

    class State(models.TextChoices):
        WAITING = "waiting", _("Being read")
        REFUSED = "refused", _("Refused")
        READY = "ready", _("Waits for your word")
        CONFIRMED = "confirmed", _("Being written")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Dropped")

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    page = models.ForeignKey(StatusPage, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    replace = models.BooleanField(default=False)
    file_name = models.CharField(max_length=200, blank=True, default="")
    content = models.BinaryField(default=bytes)
    total_rows = models.PositiveIntegerField(default=0)
    read_rows = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    errors = models.JSONField(default=list)
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "refused", "ready", "confirmed", "done", "dropped"]),
                name="customer_import_state_known",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["created_at"],
                name="customer_import_open",
                condition=models.Q(state__in=["waiting", "confirmed"]),
            ),
        ]
