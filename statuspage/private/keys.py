"""Who gave the password lately: a signed cookie for one page's addresses alone, its files and its forms."""

from __future__ import annotations

import hashlib
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from statuspage.models import StatusPage
from web.errors import NotAllowed

LASTS_S: Final = 12 * 3600
"""A working day; a shared password on a shared screen is not kept for longer."""


def opens(page: StatusPage, password: str) -> bool:
    """Tell whether this is the page's password. Takes as long for a wrong one as for the right one."""
    return check_password(password[:200], page.password)


def holds_key(request: HttpRequest, page: StatusPage) -> bool:
    """Tell whether the reader gave the page's present password within the last 12 hours."""
    try:
        signed = _signer(page).unsign(request.COOKIES.get(_name(page), ""), max_age=LASTS_S)
    except signing.BadSignature:
        return False
    return signed == _fingerprint(page)


def need_key(request: HttpRequest, page: StatusPage) -> None:
    """Raise `NotAllowed` to whoever uses a form of a password page without having given the password."""
    if page.audience == StatusPage.Audience.PASSWORD and not holds_key(request, page):
        raise NotAllowed(_("This page opens by a password. Give it on the page itself, then come back."))


def give_key(response: HttpResponse, page: StatusPage) -> None:
    """Let the reader's browser show that the password was given. Another password makes the key useless."""
    response.set_cookie(
        _name(page),
        _signer(page).sign(_fingerprint(page)),
        max_age=LASTS_S,
        path=_path(page),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def take_key(response: HttpResponse, page: StatusPage) -> None:
    """Let the reader's browser forget it."""
    response.delete_cookie(_name(page), path=_path(page), samesite="Lax")


def _signer(page: StatusPage) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=f"statuspage.private:{page.pk}")


def _fingerprint(page: StatusPage) -> str:
    return hashlib.sha256(page.password.encode()).hexdigest()[:32]


def _name(page: StatusPage) -> str:
    return f"muster_page_{page.pk}"


def _path(page: StatusPage) -> str:
    # The files lie below it, and so do the forms that they lead to.
    return reverse("private_page", args=[page.pk]).removesuffix("private/")
