"""When a mail address is enough, and what a new password must be; pure but for Django's list of common passwords."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

RECENTLY: Final = timedelta(days=30)
"""Before the cutoff: who was in the database may have put addresses of their own there some time before."""
SHORTEST: Final = 12
LONGEST: Final = 72
"""Bytes. bcrypt, which some systems use, forgets what comes after (and shorter is hashed quicker by all)."""
_PLAIN: Final = str.maketrans("", "", " ._-@0123456789")


def needs_proof(*, email_changed_at: datetime | None, cutoff: datetime, trusts_mail: bool) -> bool:
    """Tell whether the mail address on file is not enough: it was changed within 30 days before the cutoff or after it,
    or nobody knows when and the system's addresses are not trusted."""
    if email_changed_at is None:
        return not trusts_mail
    return email_changed_at > cutoff - RECENTLY


def what_is_wrong(password: str, *, login: str, email: str) -> str:
    """Return why a password is not taken, in a sentence for its owner; "" when it is."""
    if len(password) < SHORTEST:
        return _("Use at least %(count)d characters. Several words are easy to remember.") % {"count": SHORTEST}
    if len(password.encode()) > LONGEST:
        return _("Use at most %(count)d characters.") % {"count": LONGEST}
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in password):
        return _("Leave out tabs, line breaks and other characters that can't be typed everywhere.")
    if password != password.strip():
        return _("Leave out the blank at the beginning or end: some programs cut it off.")
    return _easy_to_guess(password.lower(), login=login.lower(), email=email.lower())


def _easy_to_guess(password: str, *, login: str, email: str) -> str:
    if any(_resembles(password, word) for word in (login, *login.split("@"), *email.split("@")[:1])):
        return _("This resembles your account's name. Choose something that nobody would try first.")
    if len(set(password)) < 5:
        return _("This repeats too few characters. Choose something that nobody would try first.")
    common = CommonPasswordValidator()
    try:
        common.validate(password)
        common.validate(password.translate(_PLAIN) or password)
    except ValidationError:
        return _("This password is on lists of common passwords. Choose something that nobody would try first.")
    return ""


def _resembles(password: str, word: str) -> bool:
    """Tell whether a password is little more than a word, forwards or backwards."""
    if len(word) < 3:
        return False
    return any(way in password and len(password) - len(way) < 8 for way in (word, word[::-1]))
