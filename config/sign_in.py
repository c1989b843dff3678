"""Signing in: who may have an account, and when too many wrong tries lock somebody out.

A lock counts by e-mail and address together, so that nobody can lock another person out from elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from web.places import place_of
from web.secrets import decrypt, encrypt


def address_of(request: HttpRequest) -> str:
    """Return where a request comes from: an IPv4 address, or an IPv6 network of /64. Proxies are seen through."""
    return place_of(request)


def name_tried(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """Return the e-mail address that somebody tried to sign in with, in lower case."""
    given = credentials or {}
    name = given.get("email") or given.get("username") or request.POST.get("login") or ""
    return str(name).strip().lower()


def locked_out(
    request: HttpRequest, _answer: HttpResponse | None = None, _credentials: Mapping[str, Any] | None = None
) -> HttpResponse:
    """Say that it is locked, for how long, and what still works meanwhile."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    response = render(request, "account/locked_out.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(minutes * 60)
    return response


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Accounts come from administrators; allauth's own limits follow the same rule as the lock."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nobody makes themselves an account."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that the lock counts by."""
        return address_of(request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count by e-mail and address; allauth's own key is the e-mail alone, from anywhere."""
        return f"{name_tried(request, credentials)}@{address_of(request)}"


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Second factors: kept encrypted, and passkeys under this installation's own name."""

    def encrypt(self, text: str) -> str:
        """Encrypt what an authenticator needs again: the secret of TOTP, the seed of recovery codes."""
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return what `encrypt` was given."""
        return decrypt(encrypted_text)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return who asks for the passkey: bound to the host of PUBLIC_URL, whichever name a request came by."""
        return {"id": urlsplit(settings.PUBLIC_URL).hostname or "localhost", "name": "Muster"}
