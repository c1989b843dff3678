"""Answers to pages in Slack: the buttons under a direct message."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from engine import clock
from notifications import page_links
from notifications.deciding import Choice, Decided, decide, heard
from notifications.inbound import Asked, PageVerb, answer, asked_by_delivery, is_new
from notifications.models import ContactMethod
from notifications.slack.words import ANSWER_PREFIX, PURPOSE, answered_blocks, escaped
from rooms.slack.client import post_later
from rooms.slack.inbound import tell
from rooms.slack.registry import Came, on
from web.errors import NotFound

PROVIDER: Final = "slack"
CHANNEL: Final = "slack"
VERBS: Final[dict[str, PageVerb]] = {"acknowledge": "acknowledge", "escalate": "escalate", "decline": "decline"}
CHOICES: Final = {"approve": True, "deny": False}


def register_answers() -> None:
    """Let the doors know the buttons of pages. Whoever the message went to answers it: the button is signed for it."""
    on("action", ANSWER_PREFIX, later=answer_page, queue="page", strangers=True)
    on("action", "slack_link", strangers=True)  # a button that only opens an address; Slack tells of it all the same
    on("action", "page_open", strangers=True)


def answer_page(came: Came) -> None:
    """Do what the pressed button says for the person whom the page's message went to, and put the answer under it.

    Raises `Refusal` for a button that is too old or that was sent to somebody else.
    """
    now = clock.now()
    verb = came.name.partition(":")[2]
    token, _bar, seal = str(came.action.get("value", "")).partition("|")
    asked = asked_by_delivery(page_links.read(PURPOSE, token, now=now), now=now)
    if asked.message.to != came.user_id:
        # A message can be shared; its buttons can't.
        raise NotFound(_("This was sent to somebody else. Only they can answer it."))
    if not ContactMethod.objects.filter(person=asked.person, channel=CHANNEL, address=came.user_id).exists():
        # Its owner took the account away from theirs: who still has it answers for nobody.
        raise NotFound(_("This Slack account is not one of theirs any more. Sign in to answer."))
    if verb in VERBS:
        sentence = answer(asked, verb=VERBS[verb], via="slack", provider=PROVIDER, key=came.key, now=now)
        keeps_buttons = verb == "acknowledge" and bool(asked.message.question)
    elif verb in CHOICES:
        decided = _decided(asked, Choice(approve=CHOICES[verb], seal=seal), key=came.key, now=now)
        sentence, keeps_buttons = _after(asked, decided), not decided.counted
    else:
        raise NotFound(_("That button means nothing any more."))
    with transaction.atomic():
        if keeps_buttons:
            tell(came, escaped(sentence), now=now)
        else:
            _close(came, asked, sentence=sentence, now=now)


def _decided(asked: Asked, choice: Choice, *, key: str, now: datetime) -> Decided:
    with transaction.atomic():
        if is_new(PROVIDER, key, now=now):
            decided = decide(asked, choice, via="slack", now=now)
        else:
            with translation.override(asked.person.language):
                decided = Decided(sentence=_("Your answer has been taken already."))
    heard(asked, decided, via="slack", now=now)
    return decided


def _after(asked: Asked, decided: Decided) -> str:
    """Return what is said to a choice. A PIN is for phones: whoever needs one here signs in instead."""
    with translation.override(asked.person.language):
        if decided.step == "pin":
            return _("Approving this takes more than a press in Slack. Open it and sign in: %(link)s") % {
                "link": asked.message.link
            }
        if decided.step == "look" and decided.question is not None:
            return f"{decided.sentence} {decided.question.text}"
        return decided.sentence


def _close(came: Came, asked: Asked, *, sentence: str, now: datetime) -> None:
    """Replace the buttons of the message by what came of them."""
    ref = str((came.payload.get("container") or {}).get("message_ts", ""))
    if not (came.channel_id and ref):
        tell(came, escaped(sentence), now=now)
        return
    blocks: list[dict[str, Any]] = answered_blocks(asked.message, sentence=sentence)
    post_later(
        "chat.update",
        {
            "channel": came.channel_id,
            "ts": ref,
            "text": escaped(f"{asked.message.headline} {sentence}"),
            "blocks": blocks,
        },
        latest=f"page-message:{came.channel_id}:{ref}",
        now=now,
    )
