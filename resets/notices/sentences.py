"""How the ledger of telling customers reads to people: verbs "reset.notice_…" and what happened on the reset page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.utils.translation import gettext as _

from incidents.sentences import Said, Saying


def _say(text: str) -> Callable[[Said], str]:
    """Return a sentence with its facts put in; the text is translated when it is read."""

    def sentence(said: Said) -> str:
        facts = {
            "who": said.who,
            "reset": f"{_('EXERCISE: ') if said.payload.get('drill') else ''}{said.get('title')}",
            "round": said.get("round"),
            "through": said.get("through"),
            "sent": f"{said.payload.get('sent') or 0:,}",
            "withdrawn": f"{said.payload.get('withdrawn') or 0:,}",
            "login": said.get("login"),
            "way": said.way(),
        }
        return (_(text) % facts).strip()

    return sentence


NOTICES: Final[Mapping[str, Saying]] = {
    "reset.notice_drafted": Saying(icon="note", say=_say("%(who)s drafted the notice to customers, round %(round)s")),
    "reset.notice_edited": Saying(icon="note", say=_say("%(who)s changed the notice to customers, round %(round)s")),
    "reset.notice_approved": Saying(
        icon="check", say=_say("%(who)s approved the notice to customers%(way)s, round %(round)s"), tone="ok"
    ),
    "reset.notice_sent": Saying(
        icon="play",
        say=_say("%(who)s had the customers of “%(reset)s” told through wave %(through)s, round %(round)s"),
        tone="calm",
    ),
    "reset.notice_paused": Saying(icon="pause", say=_say("%(who)s paused the notice to customers"), tone="watch"),
    "reset.notice_resumed": Saying(icon="play", say=_say("%(who)s went on telling customers"), tone="calm"),
    "reset.notice_cancelled": Saying(
        icon="stop",
        say=_say("%(who)s called the notice to customers off; %(withdrawn)s mails were not sent"),
        tone="watch",
    ),
    "reset.notice_done": Saying(
        icon="check", say=_say("The customers of “%(reset)s” were told: %(sent)s mails, round %(round)s"), tone="ok"
    ),
    "reset.code_issued": Saying(
        icon="lock", say=_say("%(who)s gave the owner of %(login)s a code as second proof%(way)s"), tone="watch"
    ),
}
