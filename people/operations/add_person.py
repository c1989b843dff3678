"""Give somebody an account."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import available_timezones

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from ledger.actor import Actor
from people.models import Person, Role
from people.operations.recording import PEOPLE, record
from web.errors import BadInput


def add_person(
    *,
    email: str,
    name: str,
    by: Actor,
    now: datetime,
    title: str = "",
    role: str = Role.RESPONDER,
    time_zone: str = "UTC",
    language: str = "en",
    password: str | None = None,
) -> Person:
    """Create an account whose e-mail address counts as verified, because an administrator vouches for it.

    Without a password the person sets one by the reset link. Raises `BadInput` with a sentence per field.
    """
    email = email.strip().lower()
    errors = profile_faults(name=name, role=role, time_zone=time_zone) | _email_faults(email)
    if errors:
        raise BadInput("The person was not added. " + " ".join(errors.values()), errors=errors)
    person = Person.objects.create_user(
        email,
        password,
        name=name.strip(),
        title=title.strip(),
        role=role,
        time_zone=time_zone,
        language=language,
    )
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    payload = {"id": str(person.pk), "name": person.name, "title": person.title, "role": role}
    record(PEOPLE, "person.added", by=by, now=now, payload=payload)
    return person


def profile_faults(*, name: str, role: str, time_zone: str) -> dict[str, str]:
    """Return what is wrong with a profile, a sentence per field."""
    errors: dict[str, str] = {}
    if not name.strip():
        errors["name"] = "Give the name people call them by."
    elif len(name) > 100:
        errors["name"] = "Keep the name under 100 characters."
    if role not in Role.values:
        errors["role"] = f"Choose one of {', '.join(Role.values)}."
    if time_zone not in available_timezones():
        errors["time_zone"] = "Choose a time zone such as Europe/Stockholm."
    return errors


def _email_faults(email: str) -> dict[str, str]:
    try:
        validate_email(email)
    except ValidationError:
        return {"email": "Enter an e-mail address such as ada@example.org."}
    if Person.objects.filter(email=email).exists():
        return {"email": "Somebody has this e-mail address already."}
    return {}
