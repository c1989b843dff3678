"""What a mail about the reset page says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from resets.models import Account, SelfSetLetter
from resets.self_set.codes import code_of
from statuspage.rules.languages import LANGUAGES
from statuspage.subscribers.mail_form import mail_domain, make_form, sender, slot, without_slots

_TEMPLATE: Final = "resets/mail/letter"


@dataclass(frozen=True, kw_only=True)
class Words:
    """A letter in one language. `code` and `link` are "" where there is none."""

    title: str
    paragraphs: tuple[str, ...]
    code: str = ""
    link: str = ""
    foot: str = ""


def words_of(letter: SelfSetLetter, account: Account, *, language: str) -> Words:
    """Return what a letter to the owner of `account` says."""
    with translation.override(language):
        which = {"login": account.login, "service": account.system.name}
        foot = _("You are written because this address is on file for %(login)s.") % which
        match letter.kind:
            case SelfSetLetter.Kind.CODE:
                return _code(letter, which, foot)
            case SelfSetLetter.Kind.LATER:
                return Words(
                    title=_("Not yet: your account is still being secured"),
                    paragraphs=(
                        _("Somebody asked on our reset page for a code for %(login)s (%(service)s).") % which,
                        _("The account is still being secured. Ask for a code again in an hour."),
                    ),
                    foot=foot,
                )
            case SelfSetLetter.Kind.RETURNED:
                return Words(
                    title=_("A new password was set already"),
                    paragraphs=(
                        _("Somebody asked on our reset page for a code for %(login)s (%(service)s).") % which,
                        _("A new password was set for it since the reset. If it was not you, call our support now."),
                    ),
                    foot=foot,
                )
            case _:
                return _changed(letter, which, foot)


def _code(letter: SelfSetLetter, which: dict[str, str], foot: str) -> Words:
    token = letter.token
    code = code_of("token", bytes(token.nonce)) if token is not None else ""
    lines = [
        _("With this code you set a new password for %(login)s (%(service)s). It works once, for 30 minutes.") % which
    ]
    if token is not None and token.needs_proof:
        lines.append(
            _("The address of this account was changed recently, so you also need a code from our support. Call them.")
        )
    lines.append(_("If you did not ask for it, do nothing: without the code nobody can change anything."))
    return Words(
        title=_("Your code for a new password"),
        paragraphs=tuple(lines),
        code=code,
        link=f"{settings.PUBLIC_URL}/reset/code/?code={code}&lang={translation.get_language()}",
        foot=foot,
    )


def _changed(letter: SelfSetLetter, which: dict[str, str], foot: str) -> Words:
    at = format_date(letter.created_at, "Y-m-d H:i")
    return Words(
        title=_("A new password was set"),
        paragraphs=(
            _("A new password was set for %(login)s (%(service)s) on our reset page, at %(at)s UTC.")
            % {**which, "at": at},
            _("If it was not you, call our support now."),
        ),
        foot=foot,
    )


def language_of(letter: SelfSetLetter, account: Account) -> str:
    """Return the language to write in: the owner's where it is known, else the one of the page that was used."""
    known = account.language.replace("_", "-").lower().partition("-")[0]
    return next((code for code in (known, letter.language) if code in LANGUAGES), "en")


def body_of(letter: SelfSetLetter, account: Account, *, to: str, date: str) -> bytes:
    """Return a letter as the content of a DATA command."""
    language = language_of(letter, account)
    words = words_of(letter, account, language=language)
    with translation.override(language):
        exercise = f"{_('EXERCISE')}: " if account.reset.drill else ""
        title = without_slots(exercise + words.title)
        context: dict[str, Any] = {
            "title": title,
            "subject": title,
            "paragraphs": [without_slots(each) for each in words.paragraphs],
            "code": words.code,
            "link": words.link,
            "foot": without_slots(words.foot),
            "language": language,
            "page_name": without_slots(sender().display_name or mail_domain()),
        }
        form = make_form(
            subject=title,
            text=render_to_string(f"{_TEMPLATE}.txt", context).strip() + "\n",
            html=render_to_string(f"{_TEMPLATE}.html", context).strip() + "\n",
            headers={
                "To": slot("to"),
                "Date": date,
                "Message-ID": f"<reset-letter-{letter.pk}@{mail_domain()}>",
                "Auto-Submitted": "auto-generated",
                "X-Auto-Response-Suppress": "All",
            },
        )
    return form.fill({"to": to.encode("ascii")})
