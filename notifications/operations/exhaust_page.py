"""End a page that nobody answered, loudly."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from notifications.models import Page, Urgency
from notifications.operations.alarm_administrators import alarm_administrators
from notifications.operations.page_news import PageNews
from notifications.operations.start_page import PageRequest
from notifications.roll import EVERYBODY, Roll
from notifications.rules.escalation import Standing
from notifications.rules.frozen_policy import FrozenPolicy, people_level
from people.models import Person

FALLBACK_DELAY_S: Final = 120
FALLBACK_ROUNDS: Final = 3


def exhaust_page(
    page: Page, standing: Standing, *, policy: FrozenPolicy, roll: Roll, news: PageNews, now: datetime
) -> list[PageRequest]:
    """Mark a page exhausted (in memory; the caller saves it) and return the fallback page to start.

    The fallback reaches everybody of all levels and all administrators, by all their methods at once. Nobody who
    has confirmed already is called again unless nobody else is left. A fallback that ends so itself alarms the
    administrators and starts nothing more: that would never end.
    """
    page.state, page.ended_at = Page.State.EXHAUSTED, now
    confirmed = standing.confirmed()
    news.say(page, "page.exhausted", payload={"rounds": page.round, "confirmed": len(confirmed)})
    if page.fallback_of_id is not None:
        sentence = f"Nobody answered, although everybody was called: {page.title}"
        news.trouble(page, [sentence])
        alarm_administrators(cause=f"page-unanswered:{page.pk}", sentence=sentence, now=now)
        return []
    everybody = {person: roll.person(person).name for level in policy.levels for person in roll.people_of(level)}
    everybody |= {str(person.pk): person.name for person in Person.objects.administrators()}
    others = {id_: name for id_, name in everybody.items() if id_ not in confirmed} or everybody
    shout = FrozenPolicy(
        name="Everybody, because nobody answered",
        levels=(people_level(list(others.items()), delay_s=FALLBACK_DELAY_S),),
        rounds=FALLBACK_ROUNDS,
        required_acknowledgements=max(1, policy.required_acknowledgements - len(confirmed)),
        remind_after_s=policy.remind_after_s,
        repage_after_s=policy.repage_after_s,
    )
    return [
        PageRequest(
            policy=shout,
            title=page.title,
            subject=page.subject,
            purpose=EVERYBODY,
            urgency=Urgency.HIGH,
            severity=page.severity,
            fallback_of=page,
        )
    ]
