"""Make a status page, change what it is and how it looks, give it a new secret link, put it away and back."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import available_timezones

from django.contrib.auth.hashers import make_password

from ledger.actor import Actor
from ledger.operations.append import append
from ledger.rules import JSON
from statuspage.models import StatusPage
from statuspage.operations.request_publication import request_publication
from statuspage.rules import colours
from statuspage.rules.languages import LANGUAGES
from statuspage.rules.logo import UnfitLogoError, recognise
from web import live
from web.errors import BadInput, IllegalMove, NotFound

SUBJECT: Final = "settings:status-pages"
SECRET_LENGTH: Final = 32
"""Of 36 letters and digits: 165 bits, which nobody guesses."""
SHORTEST_PASSWORD: Final = 10
PLAIN: Final = (
    *("name", "slug", "audience", "headline", "url", "support_url", "language", "time_zone"),
    *("accent", "accent_dark", "headline_uptime", "takes_subscribers", "takes_feedback"),
)


@dataclass(frozen=True, kw_only=True)
class PageDraft:
    """What a page is to be. An empty `password` keeps the one it has; `languages` are those besides `language`."""

    name: str
    slug: str = ""
    audience: str = StatusPage.Audience.PUBLIC
    password: str = ""
    headline: str = ""
    url: str = ""
    support_url: str = ""
    language: str = "en"
    languages: tuple[str, ...] = ()
    time_zone: str = "UTC"
    accent: str = ""
    accent_dark: str = ""
    headline_uptime: str = StatusPage.Maintenance.EXCLUDED
    takes_subscribers: bool = True
    takes_feedback: bool = True


def add_page(*, draft: PageDraft, by: Actor, now: datetime) -> StatusPage:
    """Create a page; it is published with the next generation. Raises `BadInput`."""
    page = StatusPage(created_at=now, updated_at=now)
    _write(page, draft)
    _record(page, "status.page_added", by=by, now=now, payload=_payload(page))
    return page


def change_page(*, page_id: str, draft: PageDraft, by: Actor, now: datetime) -> StatusPage:
    """Set what a page is. Locks it; changing nothing records nothing. Raises `BadInput` or `NotFound`."""
    page = _lock(page_id)
    before, password = _payload(page), page.password
    _write(page, draft)
    after = _payload(page)
    was = {name: value for name, value in before.items() if after[name] != value}
    if page.password != password:
        was["password_set"] = True
    if was:
        StatusPage.objects.filter(pk=page.pk).update(updated_at=now)
        _record(page, "status.page_changed", by=by, now=now, payload={**after, "from": was})
    return page


def set_logo(*, page_id: str, body: bytes | None, by: Actor, now: datetime) -> StatusPage:
    """Put another logo on a page, or none. What it is, its bytes say. Locks it. Raises `BadInput` or `NotFound`."""
    page = _lock(page_id)
    content_type = ""
    if body is not None:
        try:
            content_type = recognise(body).content_type
        except UnfitLogoError as error:
            raise BadInput(str(error), errors={"logo": str(error)}) from None
    if (bytes(page.logo) if page.logo else None) == body:
        return page
    page.logo, page.logo_type, page.updated_at = body, content_type, now
    page.save(update_fields=["logo", "logo_type", "updated_at"])
    payload: dict[str, JSON] = {"id": page.pk, "name": page.name, "bytes": len(body or b""), "type": content_type}
    _record(page, "status.page_logo_changed", by=by, now=now, payload=payload)
    return page


def rotate_link(*, page_id: str, by: Actor, now: datetime) -> StatusPage:
    """Give a secret-link page a new folder; the old link leads nowhere from the next generation on.

    Locks it. Raises `IllegalMove` for a page of another audience.
    """
    page = _lock(page_id)
    if page.audience != StatusPage.Audience.SECRET:
        raise IllegalMove("Only a page that is found by a secret link has a link to change.")
    page.secret, page.updated_at = new_secret(), now
    page.save(update_fields=["secret", "updated_at"])
    _record(page, "status.page_link_rotated", by=by, now=now, payload={"id": page.pk, "name": page.name})
    return page


def archive_page(*, page_id: str, by: Actor, now: datetime) -> StatusPage:
    """Take a page out of what is published; everything said on it is kept. Locks it."""
    page = _lock(page_id)
    if page.archived_at is None:
        page.archived_at = page.updated_at = now
        page.save(update_fields=["archived_at", "updated_at"])
        _record(page, "status.page_archived", by=by, now=now, payload={"id": page.pk, "name": page.name})
    return page


def restore_page(*, page_id: str, by: Actor, now: datetime) -> StatusPage:
    """Publish an archived page again. Locks it."""
    page = _lock(page_id)
    if page.archived_at is not None:
        page.archived_at, page.updated_at = None, now
        page.save(update_fields=["archived_at", "updated_at"])
        _record(page, "status.page_restored", by=by, now=now, payload={"id": page.pk, "name": page.name})
    return page


def new_secret() -> str:
    """Return a folder name that nobody can guess, fit for a file system and an address."""
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(SECRET_LENGTH))


def _lock(page_id: str) -> StatusPage:
    page = StatusPage.objects.select_for_update(no_key=True).filter(pk=page_id).first()
    if page is None:
        raise NotFound("There is no such status page.")
    return page


def _write(page: StatusPage, draft: PageDraft) -> None:
    errors = _faults(page, draft)
    if errors:
        raise BadInput(" ".join(errors.values()), errors=errors)
    for name in PLAIN:
        value = getattr(draft, name)
        setattr(page, name, value.strip() if isinstance(value, str) else value)
    page.languages = [code for code in dict.fromkeys(draft.languages) if code != draft.language]
    if page.audience == StatusPage.Audience.SECRET and not page.secret:
        page.secret = new_secret()
    if draft.password:
        page.password = make_password(draft.password)
    page.save()


def _faults(page: StatusPage, draft: PageDraft) -> dict[str, str]:
    """Return a sentence for each field that can't be so."""
    found = {
        "name": "" if draft.name.strip() else "Give the page the name that customers know.",
        "slug": _slug_fault(page, draft),
        "password": _password_fault(page, draft),
        "language": "" if draft.language in LANGUAGES else "Choose one of the languages.",
        "languages": "" if set(draft.languages) <= set(LANGUAGES) else "Choose among the languages offered.",
        "time_zone": "" if draft.time_zone in available_timezones() else "There is no such time zone.",
        "accent": colours.fault(draft.accent, colours.PAPER),
        "accent_dark": colours.fault(draft.accent_dark, colours.DARK_PAPER),
        "audience": "" if draft.audience in StatusPage.Audience.values else "Choose who may read it.",
    }
    return {name: sentence for name, sentence in found.items() if sentence}


def _slug_fault(page: StatusPage, draft: PageDraft) -> str:
    taken = StatusPage.objects.filter(slug=draft.slug).exclude(pk=page.pk).first()
    if not draft.slug and draft.audience != StatusPage.Audience.PUBLIC:
        return "Only a public page can stand at the root; give this one a name for its address."
    if taken is not None and not draft.slug:
        return f"“{taken.name}” stands at the root already; give this page a name for its address."
    if taken is not None:
        return f"“{taken.name}” has this address already."
    return ""


def _password_fault(page: StatusPage, draft: PageDraft) -> str:
    if draft.password and len(draft.password) < SHORTEST_PASSWORD:
        return f"Take {SHORTEST_PASSWORD} characters at least; many people will share it."
    if draft.audience == StatusPage.Audience.PASSWORD and not (draft.password or page.password):
        return "Choose the password that opens the page."
    return ""


def _payload(page: StatusPage) -> dict[str, JSON]:
    plain: dict[str, JSON] = {name: getattr(page, name) for name in PLAIN}
    return {"id": page.pk, **plain, "languages": list(page.languages)}


def _record(page: StatusPage, verb: str, *, by: Actor, now: datetime, payload: dict[str, JSON]) -> None:
    request_publication()
    append(subject=SUBJECT, verb=verb, by=by, now=now, payload=payload)
    live.changed("settings", SUBJECT, page.subject, "status_pages")
