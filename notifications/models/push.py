"""Who we are to the push services of browsers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from web.secrets import EncryptedTextField


class PushKeys(models.Model):
    """The one pair of keys (P-256, RFC 8292) that every device was subscribed with; lost, all of them must do it anew.

    `public` is the uncompressed point and `private` the number, both URL-safe base64.
    """

    only = models.BooleanField(default=True, unique=True, editable=False)
    public = models.CharField(max_length=100)
    private = EncryptedTextField()
    made_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "push keys"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(only=True), name="push_keys_only_one"),
        ]
