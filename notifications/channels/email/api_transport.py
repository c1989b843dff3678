"""Mail by providers' APIs through django-anymail, over connections that are kept, one set for each sending thread."""

from __future__ import annotations

import threading
from email.message import EmailMessage
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.module_loading import import_string

from notifications.channels.base import Message
from notifications.channels.email.api_failures import failure_from

OWN: Final = frozenset(
    {"subject", "from", "to", "date", "reply-to", "mime-version", "content-type", "message-id", "importance"}
)
"""Headers that providers set themselves, or that have a field of their own."""

_thread = threading.local()


def post(provider: str, letter: EmailMessage, *, tries_of: Message) -> str:
    """Give a mail to the provider and return the provider's id of it.

    Raises the three failures. The delivery and the number of its try go along as metadata, where the provider keeps
    some, so that its later words find their way back.
    """
    from anymail.exceptions import AnymailError

    mail = _mail_of(letter)
    mail.metadata = {"delivery": str(tries_of.delivery_id), "fence": str(tries_of.fence)}
    try:
        _backend(provider).send_messages([mail])
    except AnymailError as error:
        _forget(provider)
        raise failure_from(error, provider=provider) from error
    return next((str(each.message_id) for each in mail.anymail_status.recipients.values() if each.message_id), "")


def missing(provider: str) -> str:
    """Return what the provider lacks before it can send, "" for nothing."""
    from anymail.exceptions import AnymailConfigurationError, AnymailImproperlyInstalled

    try:
        import_string(f"anymail.backends.{provider}.EmailBackend")()
    except (AnymailConfigurationError, AnymailImproperlyInstalled) as error:
        return f"Mail by {provider} lacks a setting in EMAIL_PROVIDER_SETTINGS: {_named_in(str(error))}"
    return ""


def hang_up() -> None:
    """Close the connections that the calling thread keeps."""
    for provider in list(_kept()):
        _forget(provider)


def _backend(provider: str) -> Any:
    key, kept = (provider, id(settings.ANYMAIL)), _kept()
    known = kept.get(provider)
    if known is None or known[0] != key:
        _forget(provider)
        backend = import_string(f"anymail.backends.{provider}.EmailBackend")()
        backend.open()
        kept[provider] = (key, backend)
    return kept[provider][1]


def _kept() -> dict[str, Any]:
    found: dict[str, Any] | None = getattr(_thread, "backends", None)
    if found is None:
        found = _thread.backends = {}
    return found


def _forget(provider: str) -> None:
    known = _kept().pop(provider, None)
    if known is not None:
        known[1].close()


def _mail_of(letter: EmailMessage) -> Any:
    """Return a mail of ours as the library takes it; addresses keep their names."""
    plain, html = letter.get_body(("plain",)), letter.get_body(("html",))
    mail = EmailMultiAlternatives(
        subject=str(letter["Subject"]),
        body=plain.get_content() if plain else "",
        from_email=str(letter["From"]),
        to=[str(letter["To"])],
        reply_to=[str(letter["Reply-To"])] if letter["Reply-To"] else None,
        headers={name: str(value) for name, value in letter.items() if name.lower() not in OWN},
    )
    if html:
        mail.attach_alternative(html.get_content(), "text/html")
    return mail


def _named_in(words: str) -> str:
    """Return the name of the setting in the library's sentence, or its first line."""
    named = [part for part in words.replace("'", " ").split() if part.isupper() and "_" in part]
    return next(iter(named), words.splitlines()[0] if words else "unknown")
