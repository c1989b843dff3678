"""Whether it is really the owner who sits before an open session: by the password, or by a second factor just shown."""

from __future__ import annotations

from typing import Final

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _

from people import second_factor
from people.models import Person
from people.operations.phone_pin import Proof
from web.errors import BadInput

MOST_TRIES: Final = 5
TRIES_S: Final = 300


def proof_of(request: HttpRequest, person: Person, *, password: str, code: str) -> Proof:
    """Return what proves that it is them: `password` where it is given, else a second factor (`second_factor.shown`).

    Raises `BadInput` for none and for a wrong one, and after five wrong passwords in five minutes for any.
    """
    if not password:
        if second_factor.shown(request, person, code=code):
            return "second_factor"
        sentence = _("Enter your password, or a code from your authenticator.")
        raise BadInput(sentence, errors={"password": sentence})
    key = f"own-proof-tries:{person.pk}"
    cache.add(key, 0, TRIES_S)
    if cache.incr(key) > MOST_TRIES:
        sentence = _("Too many wrong passwords. Wait five minutes.")
        raise BadInput(sentence, errors={"password": sentence})
    if not person.check_password(password):
        sentence = _("This is not your password.")
        raise BadInput(sentence, errors={"password": sentence})
    cache.delete(key)
    return "password"
