"""API tokens: shown once, stored as SHA-256."""

from __future__ import annotations

import hashlib
import secrets
from typing import ClassVar

from django.db import models

from people.models.person import Person

TOKEN_PREFIX = "muster_"  # noqa: S105  (a mark for secret scanners, not a secret)


def digest_of(token: str) -> str:
    """Return the SHA-256 of a token as hex; tokens are 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """Return a fresh token of 256 random bits."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


class ApiToken(models.Model):
    """A person's key to the API; it may do what the person may."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at"]
