"""SMTP over connections that are kept, one for each thread that sends."""

from __future__ import annotations

import smtplib
import threading
import time
from contextlib import suppress
from email.message import EmailMessage
from typing import Final

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

from notifications.channels.base import OutcomeUnknown, PermanentFailure, Scope, TemporaryFailure
from notifications.channels.email import bounces

FULL: Final = 552
"""Their box holds no more (RFC 5321 section 4.2.2)."""
KEPT_S: Final = 30.0
"""Servers hang up on idle clients after a minute or so; before that we do."""

_thread = threading.local()


def deliver(letter: EmailMessage) -> str:
    """Give a mail to the server and return its answer's code.

    4xx is temporary and 5xx permanent (RFC 5321 section 4.2.1). A connection lost before the content went is
    temporary; one lost after it, unknown.
    """
    server = _server()
    # What comes back goes where answers go: that address says which mail it was.
    sender = (letter["Reply-To"] or letter["From"]).addresses[0].addr_spec
    receiver = letter["To"].addresses[0].addr_spec
    try:
        code, words = server.mail(sender)
        _need(code, words, scope="configuration")
        code, words = server.rcpt(receiver)
        _need(code, words, scope="address")
    except (smtplib.SMTPException, OSError) as error:
        hang_up()
        raise TemporaryFailure(f"The mail server hung up ({type(error).__name__}).", code="unreachable") from error
    try:
        code, words = server.data(letter.as_bytes())
    except (smtplib.SMTPDataError, smtplib.SMTPResponseException) as error:
        hang_up()
        code, words = error.smtp_code, bytes(error.smtp_error) if isinstance(error.smtp_error, bytes) else b""
    except (smtplib.SMTPException, OSError) as error:
        hang_up()
        raise OutcomeUnknown("The mail server did not say whether it took the mail.", code="no_answer") from error
    _need(code, words, scope="message")
    _thread.used_at = time.monotonic()
    return str(code)


def _server() -> smtplib.SMTP:
    kept: EmailBackend | None = getattr(_thread, "backend", None)
    key = (settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_HOST_USER)
    if kept is not None and kept.connection is not None:
        if _thread.key == key and time.monotonic() - _thread.used_at < KEPT_S and _is_alive(kept.connection):
            return kept.connection
        hang_up()
    backend = EmailBackend()
    try:
        backend.open()
    except smtplib.SMTPAuthenticationError as error:
        raise PermanentFailure(
            "The mail server refuses our sign-in.", scope="configuration", code=str(error.smtp_code)
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise TemporaryFailure(
            f"The mail server can't be reached ({type(error).__name__}).", code="unreachable"
        ) from error
    server = backend.connection
    if server is None:
        raise TemporaryFailure("The mail server can't be reached.", code="unreachable")
    _thread.backend, _thread.key, _thread.used_at = backend, key, time.monotonic()
    server.ehlo_or_helo_if_needed()
    return server


def _is_alive(server: smtplib.SMTP) -> bool:
    try:
        return server.rset()[0] == 250
    except (smtplib.SMTPException, OSError):
        return False


def hang_up() -> None:
    """Close the connection that the calling thread keeps, if any."""
    backend: EmailBackend | None = getattr(_thread, "backend", None)
    _thread.backend = None
    if backend is not None and backend.connection is not None:
        with suppress(smtplib.SMTPException, OSError):
            backend.connection.close()
        backend.connection = None


def _need(code: int, words: bytes, *, scope: Scope) -> None:
    """Raise unless the server agreed. `scope` is what a permanent refusal at this point of the dialogue is about.

    A refusal by policy (RFC 3463: X.7.X, such as "relay access denied") is about us, whoever the mail is for: taken as
    a wrong address it would switch off everybody's mail. A full box is there all the same.
    """
    if 200 <= code < 300:
        return
    hang_up()
    detail = words.decode("utf-8", "replace").strip() or "The mail server refused."
    if 400 <= code < 500:
        raise TemporaryFailure(detail, code=str(code))
    if words.startswith(b"5.7."):
        scope = "configuration"
    elif scope == "address" and (code == FULL or detail.startswith(bounces.NOT_THE_ADDRESS)):
        scope = "message"
    raise PermanentFailure(detail, scope=scope, code=str(code))
