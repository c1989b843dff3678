"""What subscribers would read, before anybody approves it."""

from __future__ import annotations

from statuspage.models import StatusUpdate
from statuspage.subscribers.telling import tell, update_of
from statuspage.subscribers.text_message import segments, text_of
from statuspage.subscribers.update_mail import parts_to_show


def preview_mail(update: StatusUpdate, language: str) -> tuple[str, str, str]:
    """Return subject, plain text and HTML of the mail about a draft or published update."""
    return parts_to_show(tell(update_of(update.pk), language))


def preview_sms(update: StatusUpdate, language: str) -> tuple[str, int]:
    """Return the text message about an update, and how many short messages it is sent as."""
    text = text_of(tell(update_of(update.pk), language))
    return text, segments(text)
