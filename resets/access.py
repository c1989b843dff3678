"""The narrow doors of resets: nobody gets one that belongs to an incident they may not know of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from eap.run_queries import visible_runs
from people.models import Person
from people.permissions import READ, may
from resets.models import Reset
from resets.scope.overlap import Overlap, overlaps
from web.errors import NotFound


def visible_resets(person: Person) -> QuerySet[Reset, Reset]:
    """Return the resets that this person may see, newest first: those without a run, and those whose run they see."""
    if not may(person, READ):
        return Reset.objects.none()
    return Reset.objects.filter(Q(run__isnull=True) | Q(run__in=visible_runs(person).order_by().values("pk")))


def audible_resets(person: Person, ids: Collection[UUID]) -> set[UUID]:
    """Return which of these resets this person may see, and so hear of when they change."""
    return set(visible_resets(person).order_by().filter(pk__in=ids).values_list("pk", flat=True))


def access_reset(person: Person, reset_id: UUID | str) -> Reset:
    """Return a reset by its id, if this person may see it; raise `NotFound` for any other."""
    try:
        wanted = UUID(str(reset_id))
    except ValueError:
        raise NotFound("There is no such reset.") from None
    found = visible_resets(person).select_related("run", "run__incident", "created_by").filter(pk=wanted)
    reset = found.defer("run__version__text", "run__version__document").first()
    if reset is None:
        raise NotFound("There is no such reset.")
    return reset


@dataclass(frozen=True, kw_only=True)
class Beside:
    """Another reset of the same hosts, as one person may hear of it: `is_seen` where they may see it."""

    overlap: Overlap
    is_seen: bool

    @property
    def sentence(self) -> str:
        """Return it in words; its title only where they may see it."""
        return self.overlap.sentence(named=self.is_seen)


def resets_beside(person: Person, reset: Reset, *, now: datetime) -> list[Beside]:
    """Return the other resets of this one's hosts that are under way or ended less than a day ago, also those that this
    person may not see: the accounts are the same. None for a reset that is over."""
    if reset.state in (Reset.State.DONE, Reset.State.ABORTED):
        return []
    found = overlaps(reset, now=now)
    seen = audible_resets(person, [each.other.pk for each in found]) if found else set()
    return [Beside(overlap=each, is_seen=each.other.pk in seen) for each in found]
