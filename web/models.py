"""What the ground keeps: answers to POSTs that may be repeated."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from web.secrets import EncryptedTextField


class IdempotencyKey(models.Model):
    """A POST that was carried out, and its answer; written in the same transaction as what it did.

    The body is encrypted: an answer may hold a token that is shown only once. Rows older than a day are removed.
    """

    scope = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = EncryptedTextField(default="")
    content_type = models.CharField(max_length=100, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["scope", "key"], name="idempotency_key_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["created_at"], name="idempotency_key_age")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
