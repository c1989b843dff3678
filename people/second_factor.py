"""Whether a person has just shown a second factor: by a code, or by signing in with one a moment ago."""

from __future__ import annotations

import time
from typing import Final

from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _

from people.models import Person
from web.errors import BadInput

FRESH_S: Final = 300
"""How long a passkey or code shown at sign-in counts: long enough to read what is approved, too short for a walk."""
MOST_TRIES: Final = 5
TRIES_S: Final = 300
_BY_CODE: Final = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)


def has_one(person: Person) -> bool:
    """Tell whether this person set up a second factor."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return bool(Authenticator.objects.filter(user=person, type__in=kinds).exists())


def shown(request: HttpRequest, person: Person, *, code: str = "") -> bool:
    """Tell whether a second factor was shown: `code` fits now, or the session saw one within five minutes.

    Raises `BadInput` for a code that does not fit, and after five of those in five minutes for any.
    """
    code = code.replace(" ", "")
    if not code:
        return _seen(request)
    key = f"second-factor-tries:{person.pk}"
    cache.add(key, 0, TRIES_S)
    if cache.incr(key) > MOST_TRIES:
        sentence = _("Too many wrong codes. Wait five minutes, then use a new one.")
        raise BadInput(sentence, errors={"code": sentence})
    for authenticator in Authenticator.objects.filter(user=person, type__in=_BY_CODE):
        if authenticator.wrap().validate_code(code):
            cache.delete(key)
            return True
    sentence = _("This code does not fit. Wait for the next one your authenticator shows.")
    raise BadInput(sentence, errors={"code": sentence})


def _seen(request: HttpRequest) -> bool:
    session = getattr(request, "session", None)
    records = session.get("account_authentication_methods", []) if session is not None else []
    return any(
        record.get("method") == "mfa" and 0 <= time.time() - float(record.get("at") or 0) < FRESH_S
        for record in records
    )
