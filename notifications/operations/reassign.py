"""Reassign a page: the same page starts anew for somebody else."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from ledger.actor import Actor
from notifications import answers
from notifications.answers import Answer
from notifications.models import Responder
from notifications.operations.call_next import call_next
from notifications.operations.lock_page import lock_page
from notifications.operations.outbox import withdraw
from notifications.operations.page_again import SEARCH, resume_search
from notifications.operations.page_news import PageNews
from notifications.rules.frozen_policy import FrozenPolicy
from web.errors import IllegalMove

UNANSWERED = (Responder.State.CALLED, Responder.State.DELIVERED)


def reassign(*, page_id: UUID | str, policy: FrozenPolicy, by: Actor, now: datetime) -> Answer:
    """Give an open page to another policy, which starts at its first level at once; for one person see `freeze_person`.

    What was on its way to the former ones is withdrawn and their answers count no more. Raises `IllegalMove` when the
    page is over. Locks as `acknowledge` does.
    """
    page = lock_page(page_id)
    if not page.is_open:
        raise IllegalMove("This page is over; start a new one to reach somebody.")
    news = PageNews(by=by, now=now)
    former = page.policy_name
    withdraw(page_ids=[page.pk], reason="reassigned", now=now)
    Responder.objects.filter(page=page, state__in=UNANSWERED).update(state=Responder.State.LATE)
    page.policy, page.policy_name = policy.to_json(), policy.name[:100]
    page.required_acknowledgements = policy.required_acknowledgements
    page.level, page.round, page.trouble = 0, 0, ""
    resume_search(page, now=now)
    page.save(
        update_fields=[*SEARCH, "policy", "policy_name", "required_acknowledgements", "trouble"],
    )
    news.say(page, "page.reassigned", payload={"from": former, "to": policy.name})
    called = call_next([page], news=news, now=now)[page.pk]
    news.publish()
    return Answer(page=page, changed=True, sentence=answers.reassigned(called, to=policy.name, page=page))
