"""Begin the search anew: answers from before no longer count."""

from __future__ import annotations

from datetime import datetime

from notifications.models import Page
from notifications.operations.page_news import PageNews

SEARCH = [
    "state",
    "level",
    "round",
    "next_step_at",
    "paging_since",
    "acknowledged_at",
    "acknowledged_by",
    "reminded_at",
    "snoozed_until",
]


def page_again(page: Page, *, news: PageNews, now: datetime, why: str) -> None:
    """Return a page to paging from its first level and first round, and save it. Expects its lock.

    The caller calls the first level next, in the same transaction.
    """
    page.level, page.round = 0, 0
    resume_search(page, now=now)
    page.save(update_fields=SEARCH)
    news.say(page, "page.repaged", payload={"why": why})


def resume_search(page: Page, *, now: datetime) -> None:
    """Set a page to paging from where it stands, in memory: nobody has it, and earlier answers don't count."""
    page.state = Page.State.PAGING
    page.next_step_at = page.paging_since = now
    page.acknowledged_at = page.acknowledged_by = None
    page.reminded_at = page.snoozed_until = None
