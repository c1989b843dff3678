"""Advance the pages whose time has come: call the next level, remind, page again, or end loudly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import QuerySet

from ledger.actor import Actor
from notifications.models import Page
from notifications.operations.alarm_administrators import alarm_administrators
from notifications.operations.call_next import call_next
from notifications.operations.page_again import page_again
from notifications.operations.page_news import PageNews
from notifications.operations.remind import remind
from notifications.page_trouble import policy_of
from notifications.queries import OPEN_STATES
from notifications.rules.silence import Quiet, due_for, repage_at

BATCH: Final = 100
PUSH_AWAY: Final = timedelta(seconds=30)
"""How long a page that could not be advanced waits for its next try, so that it blocks no other."""
LOCK_WAIT: Final = "2s"
"""How long a batch waits for a lock (a chain's head that a hanging command holds) before it goes on one by one."""
IN_THE_WAY: Final = {"55P03", "57014", "40P01", "40001"}
"""Lock not available, query cancelled, deadlock, serialization failure (PostgreSQL, appendix A)."""
ENGINE: Final = Actor.system()

log = structlog.get_logger(__name__)


def advance_pages(*, now: datetime) -> int:
    """Advance up to 100 due pages, the most urgent first, and return how many.

    Everything about them is one commit. A page that can't be advanced is found by trying its batch one by one; it is
    pushed away by 30 s with its trouble visible, and the administrators are alarmed. Claims with `SKIP LOCKED`: several
    engines never take the same page, and one that somebody answers at this moment is left to them. A lost database is
    raised.
    """
    try:
        with transaction.atomic():
            ids = _advance_due(now=now, limit=BATCH)
    except (OperationalError, InterfaceError) as error:
        if not _met_somebody(error):
            raise
        return _advance_singly(now=now)
    except Exception:
        log.exception("pages_not_advanced_together")
        return _advance_singly(now=now)
    return len(ids)


def _advance_singly(*, now: datetime) -> int:
    moved, stuck = 0, 0
    for page_id in list(_due(now=now).values_list("pk", flat=True)[:BATCH]):
        try:
            with transaction.atomic():
                moved += len(_advance_due(now=now, limit=1, only=page_id))
        except (OperationalError, InterfaceError) as error:
            if not _met_somebody(error):
                raise
            log.warning("page_waits_for_a_lock", page=str(page_id))
        except Exception as error:
            log.exception("page_not_advanced", page=str(page_id))
            stuck += _push_away(page_id, error=error, now=now)
    if stuck:
        sentence = f"Pages that can't be advanced: {stuck}. They are tried again every {PUSH_AWAY.seconds} seconds."
        alarm_administrators(cause="pages-stuck", sentence=sentence, now=now)
    return moved + stuck


def _due(*, now: datetime) -> QuerySet[Page, Page]:
    return Page.objects.filter(state__in=OPEN_STATES, next_step_at__lte=now).order_by(
        "urgency", "severity", "next_step_at"
    )


def _advance_due(*, now: datetime, limit: int, only: UUID | None = None) -> list[UUID]:
    due = _due(now=now) if only is None else _due(now=now).filter(pk=only)
    pages = list(due.select_for_update(no_key=True, skip_locked=True)[:limit])
    if pages:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
        _advance(pages, now=now)
    return [page.pk for page in pages]


def _met_somebody(error: Exception) -> bool:
    """Tell whether a statement only waited too long for somebody else's lock: the database itself is well."""
    return getattr(error.__cause__, "sqlstate", None) in IN_THE_WAY


def _advance(pages: Sequence[Page], *, now: datetime) -> None:
    news = PageNews(by=ENGINE, now=now)
    paging = [page for page in pages if page.state == Page.State.PAGING]
    held = [page for page in pages if page.state == Page.State.ACKNOWLEDGED]
    paging += [page for page in held if _break_silence(page, news=news, now=now)]
    if paging:
        call_next(paging, news=news, now=now)
    news.publish()


def _break_silence(page: Page, *, news: PageNews, now: datetime) -> bool:
    """Do what an acknowledged page needs; return whether it is paging again."""
    policy = policy_of(page)
    match due_for(reminded_at=page.reminded_at, snoozed_until=page.snoozed_until, policy=policy):
        case Quiet.REPAGE:
            why = "snooze_over" if page.snoozed_until else "silence"
            page_again(page, news=news, now=now, why=why)
            return True
        case Quiet.REMIND:
            remind(page, news=news, now=now)
            page.reminded_at, page.next_step_at = now, repage_at(policy=policy, now=now)
        case Quiet.REST:
            page.next_step_at = None
    page.save(update_fields=["reminded_at", "next_step_at"])
    return False


def _push_away(page_id: UUID, *, error: Exception, now: datetime) -> int:
    with transaction.atomic():
        page = _due(now=now).select_for_update(no_key=True).filter(pk=page_id).first()
        if page is None:
            return 0  # somebody answered it meanwhile
        news = PageNews(by=ENGINE, now=now)
        sentence = f"It could not be advanced ({type(error).__name__}); the next try is in {PUSH_AWAY.seconds} seconds."
        news.trouble(page, [sentence])
        page.next_step_at = now + PUSH_AWAY
        page.save(update_fields=["trouble", "next_step_at"])
        news.publish()
    return 1
