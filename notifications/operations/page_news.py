"""What an operation has to say about pages: ledger entries, re-checks for the floor above, open screens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ledger.actor import Actor
from ledger.operations.append import Event, append_all
from ledger.rules import JSON
from notifications.models import Page, PageRecheck
from notifications.registry import subjects
from web import live


def ledger_subject(page: Page) -> str:
    """Return whose chain a page's entries belong to: its subject's, or its own where it stands alone."""
    return page.subject or f"page:{page.pk}"


class PageNews:
    """Collects news while an operation works and publishes them at its end, the ledger's lock being the last one."""

    def __init__(self, *, by: Actor, now: datetime) -> None:
        self._by = by
        self._now = now
        self._events: list[Event] = []
        self._pages: dict[str, Page] = {}
        self._people: set[str] = set()

    def say(
        self,
        page: Page,
        verb: str,
        *,
        payload: dict[str, JSON] | None = None,
        personal: str = "",
        by: Actor | None = None,
    ) -> None:
        """Note a ledger entry about `page`; `personal` is free text written by a person."""
        self._events.append(
            Event(
                subject=ledger_subject(page),
                verb=verb,
                by=by or self._by,
                now=self._now,
                payload={"page": str(page.pk), "purpose": page.purpose, **(payload or {})},
                personal=personal,
            )
        )
        self.touch(page)

    def trouble(self, page: Page, sentences: Sequence[str]) -> None:
        """Make trouble visible on the page (in memory: the caller saves its `trouble`) and in the ledger."""
        if sentences:
            page.trouble = " ".join(sentences)[:300]
            self.say(page, "page.trouble", payload={"sentences": list(sentences)})

    def touch(self, page: Page, *people: str) -> None:
        """Note that screens about this page, its subject and these people are to be drawn again."""
        self._pages[str(page.pk)] = page
        self._people.update(people)

    def publish(self, *, after: Sequence[Event] = ()) -> None:
        """Write everything noted, behind what the floor above has to say (`after`), the heads of both locked together.

        Call it once, after every other row is locked and written.
        """
        about = sorted({page.subject for page in self._pages.values() if page.subject})
        PageRecheck.objects.bulk_create([PageRecheck(subject=subject, created_at=self._now) for subject in about])
        append_all([*after, *self._events])
        subjects.wake_after_commit(about)
        changed = [*(f"page:{id_}" for id_ in self._pages), *about, *(f"person:{id_}" for id_ in self._people)]
        if changed:
            live.changed(*changed)
