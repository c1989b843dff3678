"""What the ground keeps: answers to POSTs that may be repeated."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.db import models
from django.db.models.functions import Now

from web.secrets import EncryptedTextField

KEPT_FOR: Final = timedelta(hours=24)


class IdempotencyKeyQuerySet(models.QuerySet["IdempotencyKey"]):
    """Reads and upkeep of the keys."""

    def forget_old(self, *, now: datetime, at_most: int = 5000) -> int:
        """Remove keys older than a day, `at_most` so many at once; return how many went."""
        old = self.filter(created_at__lt=now - KEPT_FOR).order_by("created_at").values_list("pk", flat=True)
        return self.filter(pk__in=list(old[:at_most])).delete()[0]


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

    objects = IdempotencyKeyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["scope", "key"], name="idempotency_key_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["created_at"], name="idempotency_key_age")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
