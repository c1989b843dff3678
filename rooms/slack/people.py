"""Who somebody in Slack is here, and how somebody who is nobody yet becomes known."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from people.models import Person
from rooms.models import SlackUser
from web import links

LINK: Final = "slack_link"
LINK_AGE_S: Final = 1800


def person_of(user_id: str) -> Person | None:
    """Return the active person who confirmed that this Slack user is theirs."""
    found = SlackUser.objects.select_related("person").filter(user_id=user_id, person__is_active=True).first()
    return found.person if found else None


def slack_user_of(person: Person) -> str:
    """Return the person's user id in Slack, "" when they are not linked."""
    return SlackUser.objects.filter(person=person).values_list("user_id", flat=True).first() or ""


def speaking_to(person: Person | None) -> AbstractContextManager[None]:
    """Let what is said meanwhile be in the person's language; of somebody unknown it is not known either."""
    return nullcontext() if person is None else translation.override(person.language)


def link_address(*, team_id: str, user_id: str) -> str:
    """Return the address at which whoever signs in can confirm, for half an hour, that this Slack user is theirs."""
    token = links.sign(LINK, f"{team_id}:{user_id}", LINK_AGE_S)
    return f"{settings.PUBLIC_URL}{reverse('slack_link', args=[token])}"


def offer(*, team_id: str, user_id: str) -> dict[str, Any]:
    """Return the message that offers somebody to be linked: text and blocks, for their eyes only."""
    text = _("Muster does not know yet who you are. Open this link within 30 minutes and sign in to confirm it.")
    button = {
        "type": "button",
        "text": {"type": "plain_text", "text": _("Link my account")},
        "url": link_address(team_id=team_id, user_id=user_id),
        "action_id": "slack_link",
        "style": "primary",
    }
    blocks = [
        {"type": "section", "text": {"type": "plain_text", "text": text}},
        {"type": "actions", "elements": [button]},
    ]
    return {"text": text, "blocks": blocks}
