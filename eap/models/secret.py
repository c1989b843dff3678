"""Secrets that automations use, by name."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from web.secrets import EncryptedTextField


class Secret(models.Model):
    """A value kept encrypted here, or a reference to a file of ACTION_SECRETS_DIR or a variable of the environment.

    `reference` is the file's or the variable's name; a variable's starts with MUSTER_SECRET_, so that no plan can read
    our own settings. Nobody is ever shown the value again.
    """

    class Kind(models.TextChoices):
        STORED = "stored", _("Kept here, encrypted")
        FILE = "file", _("A file of the secrets' folder")
        ENVIRONMENT = "environment", _("A variable of the environment")

    name = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=11, choices=Kind.choices, default=Kind.STORED)
    value = EncryptedTextField(blank=True, default="")
    reference = models.CharField(max_length=200, blank=True, default="")
    purpose = models.CharField(max_length=200, blank=True, default="")
    changed_by_name = models.CharField(max_length=100, blank=True, default="")
    changed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=(models.Q(kind="stored", reference="") & ~models.Q(value=""))
                | (models.Q(kind__in=["file", "environment"], value="") & ~models.Q(reference="")),
                name="secret_is_a_value_or_a_reference",
            ),
        ]

    def __str__(self) -> str:
        return self.name
