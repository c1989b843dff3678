"""Other resets of the same accounts: two at once let owners set a password twice, and read two notices."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import Q

from resets.models import Reset, System
from resets.scope.selection import read_selection

AFTERWARDS: Final = timedelta(days=1)
"""So long after its end owners may still be on their way through a reset."""
UNDER_WAY: Final = (Reset.State.FROZEN, Reset.State.RUNNING, Reset.State.PAUSED)
HOSTS_NAMED: Final = 5


@dataclass(frozen=True, kw_only=True)
class Shared:
    """A system that two resets cover, and the hosts of it that both do; None where one of them is not frozen yet and
    takes whatever hosts there are."""

    system: System
    hosts: frozenset[str] | None

    def __str__(self) -> str:
        named = sorted(host for host in self.hosts or () if host)
        if not named:
            return self.system.name
        more = f" and {len(named) - HOSTS_NAMED} more" if len(named) > HOSTS_NAMED else ""
        return f"{self.system.name} ({', '.join(named[:HOSTS_NAMED])}{more})"


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """Another reset that is under way, or ended less than a day ago, and what it shares."""

    other: Reset
    shared: Sequence[Shared]

    def sentence(self, *, named: bool = True) -> str:
        """Return it in words; without its title for those who may not know of it."""
        title = f"“{self.other.title}”" if named else "Another reset"
        where = ", ".join(map(str, self.shared))
        if self.other.ended_at is None:
            return f"{title} covers accounts of {where} too, and is {self.other.get_state_display().lower()}."
        return f"{title} covered accounts of {where} too, and ended less than a day ago."


def overlaps(reset: Reset, *, now: datetime) -> list[Overlap]:
    """Return the other resets that work, or worked until less than a day ago, on hosts of this one; newest first.

    Overlap is by system and host, not by account: rates and breakers are shared by host, and a list of accounts to be
    left alone is another one each time. A reset that was made anew for the same run replaces its aborted one. Two
    queries, and two more for each reset and system that both cover; each reads one row of an index per host.
    """
    recent = Q(state__in=UNDER_WAY) | Q(frozen_at__isnull=False, ended_at__gt=now - AFTERWARDS)
    covered = {system.pk: system for system in reset.systems.all()}
    others = Reset.objects.filter(recent, systems__in=covered).exclude(pk=reset.pk)
    if reset.run_id is not None:
        others = others.exclude(run=reset.run_id, state=Reset.State.ABORTED)
    found: list[Overlap] = []
    for other in others.distinct().order_by("-created_at").prefetch_related("systems"):
        common = [covered[system.pk] for system in other.systems.all() if system.pk in covered]
        shared = list(_shared(reset, other, common))
        if shared:
            found.append(Overlap(other=other, shared=shared))
    return found


def _shared(reset: Reset, other: Reset, systems: Iterable[System]) -> Iterable[Shared]:
    for system in sorted(systems, key=lambda each: each.name):
        mine, theirs = _hosts(reset, system), _hosts(other, system)
        if mine is None or theirs is None:
            yield Shared(system=system, hosts=None)
        elif common := frozenset(mine) & frozenset(theirs):
            yield Shared(system=system, hosts=common)


def _hosts(reset: Reset, system: System) -> Collection[str] | None:
    """Return the hosts of a reset's accounts on a system; of a draft those that were asked for, None for all."""
    if reset.frozen_at is None:
        return read_selection(reset.selection).hosts or None
    with connection.cursor() as cursor:
        cursor.execute(_HOSTS, {"reset": reset.pk, "system": system.pk})
        return [host for (host,) in cursor.fetchall()]


# From host to host by the unique index: a million accounts are not read to learn of forty hosts.
_HOSTS: Final = """
WITH RECURSIVE host AS (
    (SELECT shard FROM resets_account WHERE reset_id = %(reset)s AND system_id = %(system)s ORDER BY shard LIMIT 1)
    UNION ALL
    SELECT (
        SELECT shard FROM resets_account
        WHERE reset_id = %(reset)s AND system_id = %(system)s AND shard > host.shard ORDER BY shard LIMIT 1
    )
    FROM host WHERE host.shard IS NOT NULL
)
SELECT shard FROM host WHERE shard IS NOT NULL
"""
