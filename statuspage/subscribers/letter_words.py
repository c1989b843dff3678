"""What a single letter says: by why it was written and how the subscription stands when it goes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from statuspage.addresses import public_address
from statuspage.models import Letter, StatusPage, Subscriber
from statuspage.subscribers import tokens
from statuspage.subscribers.mail_form import mail_domain, make_form, slot, without_slots
from statuspage.subscribers.update_mail import link

CONFIRM_FOR: Final = timedelta(days=7)
"""How long a confirmation link works."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """A letter in its receiver's language: `to` is where it goes, `by` "email" or "sms"."""

    by: str
    to: str
    language: str
    title: str
    paragraphs: tuple[str, ...]
    action: str = ""
    link: str = ""
    foot: str = ""


def words_of(letter: Letter) -> Words | None:
    """Return what a letter with its subscriber and page says; None when nobody is to be written.

    Somebody who asks for a webhook that another one set up learns nothing: no letter.
    """
    subscriber = letter.subscriber
    if subscriber is None:
        return None
    language = str(letter.choices.get("language") or subscriber.language)
    with translation.override(language):
        match letter.kind:
            case Letter.Kind.SIGN_UP:
                return _sign_up(letter, subscriber, language)
            case Letter.Kind.ENDING:
                return _ending(subscriber, language)
            case Letter.Kind.QUARANTINED:
                return _quarantined(subscriber, language)
    return None


def _sign_up(letter: Letter, subscriber: Subscriber, language: str) -> Words | None:
    page, active = subscriber.page, subscriber.state == Subscriber.State.ACTIVE
    if subscriber.channel == Subscriber.Channel.SMS:
        names = {"page": page.name}
        known = _("You get texts about %(page)s already. Reply STOP to end, HELP for help.") % names
        new = _("Reply YES to get status updates of %(page)s by text. Reply STOP to end, HELP for help.") % names
        return Words(by="sms", to=subscriber.address, language=language, title=known if active else new, paragraphs=())
    contact = str(letter.choices.get("contact", ""))
    hook = subscriber.channel == Subscriber.Channel.WEBHOOK
    to = contact if hook else subscriber.address
    if not to or (hook and active and contact != subscriber.contact):
        return None
    if active:
        return _known(subscriber, to=to, language=language)
    token = tokens.sign_letter(letter.pk, expires_at=letter.created_at + CONFIRM_FOR)
    asked = _("Somebody, hopefully you, asked for updates of %(page)s to be sent to %(address)s.")
    return Words(
        by="email",
        to=to,
        language=language,
        title=_("Do you want updates of %(page)s?") % {"page": page.name},
        paragraphs=(
            asked % {"page": page.name, "address": subscriber.address},
            _("Press the button on the page behind this link within seven days. If it was not you, do nothing."),
        ),
        action=_("Confirm"),
        link=link("confirm", token),
        foot=_("Nothing is sent before you confirm."),
    )


def _known(subscriber: Subscriber, *, to: str, language: str) -> Words:
    return Words(
        by="email",
        to=to,
        language=language,
        title=_("You get updates of %(page)s already") % {"page": subscriber.page.name},
        paragraphs=(
            _("Somebody, hopefully you, asked for them once more. Nothing has changed."),
            _("Behind this link you choose what you hear of, or end it."),
        ),
        action=_("Choose what you hear of"),
        link=link("manage", tokens.sign("manage", subscriber.pk)),
        foot=_("If it was not you, do nothing."),
    )


def _ending(subscriber: Subscriber, language: str) -> Words | None:
    page = subscriber.page
    if subscriber.state == Subscriber.State.ENDED:
        return None
    if subscriber.channel == Subscriber.Channel.SMS:
        sentence = _("Reply STOP to get no more status updates of %(page)s.") % {"page": page.name}
        return Words(by="sms", to=subscriber.address, language=language, title=sentence, paragraphs=())
    to = subscriber.contact if subscriber.channel == Subscriber.Channel.WEBHOOK else subscriber.address
    if not to:
        return None
    return Words(
        by="email",
        to=to,
        language=language,
        title=_("Do you want no more updates of %(page)s?") % {"page": page.name},
        paragraphs=(_("Press the button on the page behind this link. If it was not you, do nothing."),),
        action=_("End it"),
        link=link("unsubscribe", tokens.sign("unsubscribe", subscriber.pk)),
        foot=_("If it was not you, do nothing."),
    )


def _quarantined(subscriber: Subscriber, language: str) -> Words | None:
    if not subscriber.contact:
        return None
    return Words(
        by="email",
        to=subscriber.contact,
        language=language,
        title=_("Your webhook does not answer"),
        paragraphs=(
            _("Updates of %(page)s could not be delivered to %(address)s, several times in a row.")
            % {"page": subscriber.page.name, "address": subscriber.address},
            _("We send nothing there until you say that it works again."),
        ),
        action=_("Choose what you hear of"),
        link=link("manage", tokens.sign("manage", subscriber.pk)),
        foot=_("You are written because you set this webhook up."),
    )


def body_of(words: Words, *, page: StatusPage, letter_id: int, date: str) -> bytes:
    """Return a letter as the content of a DATA command."""
    clean = {name: without_slots(getattr(words, name)) for name in ("title", "action", "link", "foot")}
    context: dict[str, Any] = {
        **clean,
        "subject": clean["title"],
        "paragraphs": [without_slots(each) for each in words.paragraphs],
        "language": words.language,
        "page_name": without_slots(page.name),
        "page_url": public_address(page),
    }
    with translation.override(words.language):
        form = make_form(
            subject=words.title,
            text=render_to_string("statuspage/subscribers/mail/letter.txt", context).strip() + "\n",
            html=render_to_string("statuspage/subscribers/mail/letter.html", context).strip() + "\n",
            headers={
                "To": slot("to"),
                "Date": date,
                "Message-ID": f"<letter-{letter_id}@{mail_domain()}>",
                "Auto-Submitted": "auto-generated",
                "X-Auto-Response-Suppress": "All",
            },
        )
    return form.fill({"to": words.to.encode("ascii")})
