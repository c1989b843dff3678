"""From a claimed delivery to what a channel sends."""

from __future__ import annotations

from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _

from notifications import page_links
from notifications.channels.base import Message
from notifications.channels.registry import UnknownChannel, channel
from notifications.models import DiscreetCalls, Page
from notifications.operations.claimed import Claimed
from notifications.questions import Pin, Question, pin_for, questions
from notifications.registry import SubjectWords, subjects
from people.models import Person
from web import secrets

ANSWERABLE: Final = (Page.State.PAGING, Page.State.ACKNOWLEDGED)
VALID_S = 600
"""How long a text about a page is of use; after that the network drops it (Twilio's ValidityPeriod)."""


def compose(claimed: Claimed) -> Message:
    """Return the whole message of a claimed delivery, in the language of whom it is for. Reads the page's subject."""
    with translation.override(claimed.language):
        words = _words(claimed)
        question, pin = _question(claimed)
        return Message(
            delivery_id=claimed.id,
            fence=claimed.fence,
            kind=claimed.kind,
            to=claimed.address,
            name=claimed.person_name,
            headline=words.short,
            title=words.title,
            spoken=words.spoken,
            sentence=_sentence(claimed),
            sent_at=claimed.at,
            severity=claimed.severity,
            urgency=claimed.urgency,
            language=claimed.language,
            link=page_links.page_url(claimed.id, now=claimed.at) if claimed.page_id else "",
            code=claimed.page_code,
            subject=claimed.page_subject,
            page_id=str(claimed.page_id or ""),
            answerable=claimed.page_state in ANSWERABLE,
            repeated=claimed.repeated,
            valid_s=VALID_S if claimed.page_id else None,
            secret=secrets.decrypt(claimed.secret) if claimed.secret else "",
            question=question.text if question else "",
            seal=question.seal if question else "",
            pin=pin,
            discreet=_is_discreet(claimed),
        )


def _is_discreet(claimed: Claimed) -> bool:
    try:
        overheard = channel(claimed.channel).is_overheard
    except UnknownChannel:
        return False
    return overheard and DiscreetCalls.objects.filter(person=claimed.person_id).exists()


def _words(claimed: Claimed) -> SubjectWords:
    if claimed.page_id:
        return subjects.words_of(Page(pk=claimed.page_id, subject=claimed.page_subject, title=claimed.page_title))
    headline = str(claimed.content.get("headline", "")) or _("A message from Muster")
    return SubjectWords(title=headline, short=headline, spoken=headline, path="/")


def _question(claimed: Claimed) -> tuple[Question | None, Pin]:
    """Return what the page asks the person besides, if their answer could count, and how it takes their PIN."""
    if claimed.page_id is None or claimed.page_state not in ANSWERABLE:
        return None, ""
    person = Person(pk=claimed.person_id, name=claimed.person_name, language=claimed.language)
    question = questions.ask_if_possible(
        subject=claimed.page_subject, page_id=claimed.page_id, person=person, now=claimed.at
    )
    if question is None or question.refused:
        return None, ""
    return question, pin_for(question, person)


def _sentence(claimed: Claimed) -> str:
    if claimed.kind == "verification":
        code = secrets.decrypt(str(claimed.content["code"]))
        return _("Your code for Muster is %(code)s. It is good for 10 minutes.") % {"code": code}
    if claimed.kind == "reminder" and not claimed.content.get("sentence"):
        return _("You acknowledged this a while ago and nothing was heard since. Is it still in hand?")
    return str(claimed.content.get("sentence", ""))
