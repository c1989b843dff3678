"""The mail of a notice: plain text and HTML without a link or a password; the accounts it is about by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from resets.models import Notice
from resets.notices.texts import PAGE, typed_address
from statuspage.subscribers.mail_form import MailForm, mail_domain, make_form, sender, slot, without_slots

SHOWN: Final = 20
"""Accounts that a mail names; of more it says how many."""
REPEATED: Final = "X-Muster-Repeated"
_UNFIT: Final = re.compile(r"[^A-Za-z0-9.!#$%'*+/=?^_`{|}~@:-]")


def notice_form(notice: Notice, language: str, *, repeated: bool) -> MailForm:
    """Return the form for all receivers of one language; slots: to, id, date, accounts.

    `repeated`: the first try may have arrived; a header says so, and the Message-ID is the same.
    """
    subject, text, html = parts(notice, language, accounts=slot("accounts"))
    headers = {
        "To": slot("to"),
        "Date": slot("date"),
        "Message-ID": f"<reset-{notice.pk}-{slot('id')}@{mail_domain()}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        **({REPEATED: "1"} if repeated else {}),
    }
    return make_form(subject=subject, text=text, html=html, headers=headers)


def parts(notice: Notice, language: str, *, accounts: str) -> tuple[str, str, str]:
    """Return subject, text and HTML in a language; `accounts` is a slot, or what stands in its place in a preview."""
    written = notice.texts.get(language) or notice.texts[notice.language]
    with translation.override(language):
        exercise = _("EXERCISE") if notice.reset.drill else ""
        context: dict[str, Any] = {
            "subject": without_slots(f"{exercise}: {written['subject']}" if exercise else written["subject"]),
            "paragraphs": _paragraphs(written["body"]),
            "language": language,
            "exercise": exercise,
            "accounts": accounts,
            "page_name": without_slots(sender().display_name or mail_domain()),
        }
        return (
            context["subject"],
            render_to_string("resets/mail/notice.txt", context).strip() + "\n",
            render_to_string("resets/mail/notice.html", context).strip() + "\n",
        )


def named(logins: Sequence[str]) -> bytes:
    """Return accounts as they stand in a mail; a character that could change the mail is shown as "?"."""
    shown = ", ".join(_UNFIT.sub("?", login[:100]) for login in logins[:SHOWN])
    return (shown + (f" (+{len(logins) - SHOWN})" if len(logins) > SHOWN else "")).encode("ascii")


def _paragraphs(body: str) -> list[str]:
    whole = without_slots(body).replace(PAGE, typed_address())
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", whole) if part.strip()]
