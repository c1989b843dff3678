"""Start to page somebody."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.transaction import TransactionManagementError

from engine import wake
from ledger.actor import Actor
from notifications.models import Page, Urgency
from notifications.operations.page_news import PageNews
from notifications.queries import OPEN_STATES
from notifications.rules.frozen_policy import FrozenPolicy

LONGEST_TITLE: Final = 300
SHORT_CODES: Final = range(1_000, 10_000)
LONG_CODES: Final = range(100_000, 1_000_000)
TRIES: Final = 8


@dataclass(frozen=True, kw_only=True)
class PageRequest:
    """What a page is about and whom it reaches: the arguments of `start_page`, for many at once."""

    policy: FrozenPolicy
    title: str
    subject: str = ""
    purpose: str = "person"
    urgency: str = Urgency.HIGH
    severity: int = 3
    fallback_of: Page | None = None


def start_page(
    *,
    policy: FrozenPolicy,
    title: str,
    by: Actor,
    now: datetime,
    subject: str = "",
    purpose: str = "person",
    urgency: str = Urgency.HIGH,
    severity: int = 3,
) -> Page:
    """Start a page in the caller's transaction and return it; the engine calls the first level as soon as it commits.

    `subject` is "incident:<uuid>" or empty; `severity` 1 to 4 orders what is sent first. Takes no page lock that
    anybody waits for (the row is new), then the ledger's head.
    """
    request = PageRequest(
        policy=policy, title=title, subject=subject, purpose=purpose, urgency=urgency, severity=severity
    )
    return start_pages([request], by=by, now=now)[0]


def start_pages(requests: Sequence[PageRequest], *, by: Actor, now: datetime) -> list[Page]:
    """Start many pages with few statements; promises are those of `start_page`."""
    news = PageNews(by=by, now=now)
    pages = insert_pages(requests, news=news, now=now)
    news.publish()
    return pages


def insert_pages(requests: Sequence[PageRequest], *, news: PageNews, now: datetime) -> list[Page]:
    """Insert pages and note their start in `news`, which the caller publishes in the same transaction."""
    if not connection.in_atomic_block:
        raise TransactionManagementError("A page starts inside the transaction of what it is about.")
    codes = _codes(len(requests))
    pages = Page.objects.bulk_create(
        _page(request, code=code, now=now) for request, code in zip(requests, codes, strict=True)
    )
    for page in pages:
        news.say(
            page,
            "page.started",
            payload={
                "title": page.title,
                "urgency": page.urgency,
                "policy": page.policy_name,
                "fallback_of": str(page.fallback_of_id) if page.fallback_of_id else None,
            },
        )
    wake.after_commit("pages")
    return pages


def _page(request: PageRequest, *, code: str, now: datetime) -> Page:
    return Page(
        subject=request.subject,
        purpose=request.purpose,
        title=request.title[:LONGEST_TITLE],
        urgency=request.urgency,
        severity=request.severity,
        policy=request.policy.to_json(),
        policy_name=request.policy.name[:100],
        required_acknowledgements=request.policy.required_acknowledgements,
        next_step_at=now,
        code=code,
        fallback_of=request.fallback_of,
        started_at=now,
        paging_since=now,
    )


def _codes(count: int) -> list[str]:
    """Return codes that no open page carries, so that an SMS answer names one page; short ones while there are any.

    Two transactions at the same moment could draw the same number (1 in 9,000); the sender's number tells them apart
    unless it is the same person too, and then the newest message is meant.
    """
    codes: list[str] = []
    for attempt in range(TRIES + 1):
        pool = SHORT_CODES if attempt < TRIES and count <= len(SHORT_CODES) // 4 else LONG_CODES
        drawn = {str(secrets.choice(pool)) for _ in range(2 * (count - len(codes)))} - set(codes)
        taken = set(Page.objects.filter(code__in=drawn, state__in=OPEN_STATES).values_list("code", flat=True))
        codes += sorted(drawn - taken, key=lambda _: secrets.randbits(32))[: count - len(codes)]
        if len(codes) == count:
            return codes
    raise RuntimeError("No free page codes were found; far too many pages are open.")
