"""What a mail says: plain text and HTML, the link to the page's buttons, nothing that a mail server could act on."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.template import engines
from django.utils import translation
from django.utils.translation import gettext as _

from notifications.channels.base import Message
from notifications.channels.email.reply_addresses import reply_address


def letter_of(message: Message) -> EmailMessage:
    """Return the mail. Line breaks in a title can't start a header: they become blanks, and the policy refuses them."""
    with translation.override(message.language):
        letter = EmailMessage(policy=SMTP.clone(raise_on_defect=False))
        letter["Subject"] = _one_line(_subject(message))
        letter["From"] = _sender()
        letter["To"] = Address(display_name=_one_line(message.name), addr_spec=message.to)
        if reply_to := reply_address(message.delivery_id, sent_at=message.sent_at) if message.answerable else "":
            letter["Reply-To"] = Address(addr_spec=reply_to)
        letter["Date"] = format_datetime(message.sent_at)
        # The same for every try of one delivery, so that a mailbox shows a repeated one once.
        letter["Message-ID"] = f"<delivery-{message.delivery_id}@{_domain()}>"
        letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office comes back
        letter["X-Auto-Response-Suppress"] = "All"
        if message.subject:
            letter["References"] = f"<{message.subject.replace(':', '-')}@{_domain()}>"
        if message.urgency == "high":
            letter["Importance"] = "high"
            letter["X-Priority"] = "1"
        context = {"message": message, "public_url": settings.PUBLIC_URL, "answers": bool(reply_to)}
        letter.set_content(_template("message.txt").render(context).strip() + "\n")
        letter.add_alternative(_template("message.html").render(context), subtype="html")
        return letter


@cache
def _template(name: str) -> Any:
    # Beside this file, not among the app's templates: deleting the folder deletes the channel.
    return engines["django"].from_string(Path(__file__).with_name(name).read_text(encoding="utf-8"))


def _subject(message: Message) -> str:
    match message.kind:
        case "reminder":
            return _("Reminder: %(headline)s") % {"headline": message.headline}
        case "verification":
            return _("Your code for Muster")
    return message.headline


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]


def _sender() -> Address:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return Address(display_name=name, addr_spec=address)


def _domain() -> str:
    return urlsplit(settings.PUBLIC_URL).hostname or make_msgid().rpartition("@")[2].rstrip(">")
