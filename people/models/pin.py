"""The number that proves on the telephone who is speaking."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from people.models.person import Person
from web.secrets import EncryptedTextField


class PhonePin(models.Model):
    """A person's PIN for the telephone; no row, no PIN.

    `digest` is made by the password hasher and encrypted besides: ten thousand PINs are tried against a bare hash in
    minutes. `tries` are wrong ones since the last right one; `locked_until` is set by too many.
    """

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="phone_pin")
    digest = EncryptedTextField()
    set_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~models.Q(digest=""), name="phone_pin_never_empty"),
        ]
