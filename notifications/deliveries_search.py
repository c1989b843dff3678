"""Find deliveries by what they were and by what became of any try; the screen, its file and the API alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from notifications.models import Attempt, Delivery
from people.models import Person


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """What to look for; empty fields ask nothing.

    `provider`, `result` and `code` are of one and the same try; a provider alone finds also what it is to send next.
    `address` is a part of the number or address. `since` and `until` bound when it was written. `pages` None: any.
    """

    person: Person | None = None
    state: str = ""
    channel: str = ""
    provider: str = ""
    result: str = ""
    code: str = ""
    address: str = ""
    about: str = ""
    pages: Iterable[UUID] | None = None
    since: datetime | None = None
    until: datetime | None = None


def search(found: QuerySet[Delivery, Delivery], asked: Search) -> QuerySet[Delivery, Delivery]:
    """Return those of `found` that are asked for, in its order."""
    exact: dict[str, Any] = {"person": asked.person, "state": asked.state, "channel": asked.channel}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if asked.address:
        found = found.filter(address__icontains=asked.address)
    if asked.about:
        found = found.filter(page__title__icontains=asked.about)
    if asked.pages is not None:
        found = found.filter(page__in=list(asked.pages))
    if asked.since is not None:
        found = found.filter(created_at__gte=asked.since)
    if asked.until is not None:
        found = found.filter(created_at__lt=asked.until)
    return _by_tries(found, asked)


def _by_tries(found: QuerySet[Delivery, Delivery], asked: Search) -> QuerySet[Delivery, Delivery]:
    words = {"provider": asked.provider, "result": asked.result, "code": asked.code}
    wanted = {name: value for name, value in words.items() if value}
    if not wanted:
        return found
    tried = Q(Exists(Attempt.objects.filter(delivery=OuterRef("pk"), **wanted)))
    return found.filter(tried | Q(provider=asked.provider) if set(wanted) == {"provider"} else tried)
