"""The mail about an update: plain text and HTML, two links of the receiver's own, nothing that tells us who reads."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Final

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from statuspage.subscribers.mail_form import MailForm, mail_domain, make_form, slot, without_slots
from statuspage.subscribers.telling import Telling

COLOURS: Final = {
    "ok": "#1a7f4b",
    "plan": "#2f5fc4",
    "slow": "#8a6100",
    "part": "#b45309",
    "out": "#c02626",
    "none": "#4a5361",
}
"""Tones as mail programs need them: dark enough for white words (4.5 to 1) and for a dot on white."""
REPEATED: Final = "X-Muster-Repeated"
_TEMPLATE: Final = "statuspage/subscribers/mail/update"


def update_form(telling: Telling, *, repeated: bool) -> MailForm:
    """Return the form for all receivers of one language; slots: to, id, date, manage, unsubscribe.

    `repeated`: the first try may have arrived, and the mail says so in a header; its Message-ID is the same, so that
    a mailbox shows both as one.
    """
    manage, unsubscribe = link("manage", slot("manage")), link("unsubscribe", slot("unsubscribe"))
    text, html = _parts(telling, manage=manage, unsubscribe=unsubscribe)
    domain = mail_domain()
    headers = {
        "To": slot("to"),
        "Date": slot("date"),
        "Message-ID": f"<status-{telling.update_id}-{slot('id')}@{domain}>",
        "References": f"<status-{telling.incident_id}@{domain}>",
        "List-Id": f"<{telling.page_id}.status.{domain}>",
        "List-Unsubscribe": f"<{unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        **({REPEATED: "1"} if repeated else {}),
    }
    return make_form(subject=telling.subject, text=text, html=html, headers=headers)


def parts_to_show(telling: Telling) -> tuple[str, str, str]:
    """Return subject, text and HTML with links that lead nowhere, for a preview."""
    return (" ".join(telling.subject.split()), *_parts(telling, manage="#", unsubscribe="#"))


def link(purpose: str, token: str) -> str:
    """Return the address of a subscriber's own page."""
    return f"{settings.PUBLIC_URL}/status-pages/{purpose}/{token}"


def _parts(telling: Telling, *, manage: str, unsubscribe: str) -> tuple[str, str]:
    # Marks of slots are taken out of every word that people wrote; links with slots are ours.
    plain = _without_slots(telling)
    context: dict[str, Any] = {
        "telling": plain,
        "language": plain.language,
        "page_name": plain.page_name,
        "subject": plain.subject,
        "colour": COLOURS[plain.tone],
        "hits": [{"name": hit.name, "word": hit.word, "colour": COLOURS[hit.tone]} for hit in plain.hits],
        "manage_url": manage,
        "unsubscribe_url": unsubscribe,
    }
    with translation.override(telling.language):
        return (
            render_to_string(f"{_TEMPLATE}.txt", context).strip() + "\n",
            render_to_string(f"{_TEMPLATE}.html", context).strip() + "\n",
        )


def _without_slots(telling: Telling) -> Telling:
    changed = {
        field.name: without_slots(value)
        for field in fields(telling)
        if isinstance(value := getattr(telling, field.name), str)
    }
    hits = tuple(replace(hit, name=without_slots(hit.name)) for hit in telling.hits)
    return replace(telling, **changed, hits=hits)
