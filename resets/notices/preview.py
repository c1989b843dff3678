"""What customers would read, before anybody approves it."""

from __future__ import annotations

from resets.models import Notice
from resets.notices.mail import named, parts


def preview(notice: Notice, language: str) -> tuple[str, str, str]:
    """Return subject, plain text and HTML of the mail, with accounts made up."""
    return parts(notice, language, accounts=named(["web1001", "web1001-staging"]).decode())
