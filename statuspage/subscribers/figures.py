"""What became of an update's messages, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from statuspage.models import Mailing, Notice, StatusUpdate, Subscriber


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Messages of one update by what became of them; `unconfirmed` subscribers of the page were sent none.

    `state` is the mailing's: preparing, sending, done, overtaken, or "" when subscribers are not told of the update.
    `pending` counts what is under way too.
    """

    state: str = ""
    sent: int = 0
    failed: int = 0
    unknown: int = 0
    pending: int = 0
    overtaken: int = 0
    unconfirmed: int = 0

    @property
    def total(self) -> int:
        """Return how many messages there are."""
        return self.sent + self.failed + self.unknown + self.pending + self.overtaken

    @property
    def done_percent(self) -> int:
        """Return how much of the mailing is over, 0 to 100."""
        return 100 if not self.total else (self.total - self.pending) * 100 // self.total

    @property
    def sentence(self) -> str:
        """Return them in words, such as "98,214 sent, 31 unconfirmed"; only what there is."""
        words = {
            "sent": self.sent,
            "waiting": self.pending,
            "failed": self.failed,
            "unknown": self.unknown,
            "overtaken": self.overtaken,
            "unconfirmed": self.unconfirmed,
        }
        return ", ".join(f"{count:,} {word}" for word, count in words.items() if count or word == "sent")


def figures_of(update: StatusUpdate) -> Figures:
    """Return the figures of one update."""
    return figures_for([update.pk]).get(update.pk, Figures())


def figures_for(update_ids: Sequence[str]) -> dict[str, Figures]:
    """Return the figures of updates by their ids, in three queries; updates without a mailing are left out."""
    mailings = list(Mailing.objects.filter(update__in=update_ids).select_related("update__public_incident"))
    counts: dict[int, dict[str, int]] = {
        mailing.pk: dict(mailing.figures) for mailing in mailings if mailing.figures is not None
    }
    live = Notice.objects.filter(mailing__in=[mailing.pk for mailing in mailings if mailing.figures is None])
    for mailing_id, state, count in live.values_list("mailing", "state").annotate(count=Count("pk")):
        counts.setdefault(mailing_id, {})[state] = count
    pages = {mailing.update.public_incident.page_id for mailing in mailings}
    waiting = Subscriber.objects.filter(page__in=pages, state=Subscriber.State.PENDING)
    unconfirmed = dict(waiting.values_list("page").annotate(count=Count("pk")))
    return {
        mailing.update_id: _figures(
            mailing, counts.get(mailing.pk, {}), unconfirmed=unconfirmed.get(mailing.update.public_incident.page_id, 0)
        )
        for mailing in mailings
    }


def _figures(mailing: Mailing, counts: dict[str, int], *, unconfirmed: int) -> Figures:
    return Figures(
        state=mailing.state,
        sent=counts.get(Notice.State.SENT, 0),
        failed=counts.get(Notice.State.FAILED, 0),
        unknown=counts.get(Notice.State.UNKNOWN, 0),
        pending=counts.get(Notice.State.PENDING, 0) + counts.get(Notice.State.SENDING, 0),
        overtaken=counts.get(Notice.State.OVERTAKEN, 0),
        unconfirmed=unconfirmed,
    )
