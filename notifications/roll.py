"""Who the targets of levels mean at one moment, and how each of these people is reached; read once, in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from notifications.models import ContactMethod, ContactRule, Page, Urgency
from notifications.rules.contact_choice import Choice, Method, Rule, choose
from notifications.rules.frozen_policy import FrozenLevel, FrozenTarget
from people import queries
from people.models import Person

EVERYBODY: Final = "fallback"
"""The purpose of a page that shouts: all contact methods of everybody it calls, at once."""

log = structlog.get_logger(__name__)


class Roll:
    """People and contact methods as they are at `now`; each schedule, team, tier and person is read once.

    `expect` reads what some levels need with few queries; whatever else is asked for is read then. People who left are
    nobody. A target that can't be resolved (a schedule whose time zone is gone) is nobody too, and logged: the others
    of its level are called all the same.
    """

    def __init__(self, *, now: datetime) -> None:
        self._now = now
        self._people: dict[str, Person] = {}
        self._asked: set[str] = set()
        self._targets: dict[tuple[str, str], list[str]] = {}
        self._methods: dict[str, list[ContactMethod]] = {}
        self._rules: dict[tuple[str, str], list[Rule]] = defaultdict(list)

    def expect(self, levels: Iterable[FrozenLevel]) -> None:
        """Read at once who these levels reach and how."""
        targets = {target for level in levels for target in level.targets}
        self._read_people(target.id for target in targets if target.kind == "person")
        for target in targets:
            self._resolve(target)
        self._read_contacts(person for target in targets for person in self._resolve(target))

    def people_of(self, level: FrozenLevel) -> list[str]:
        """Return the ids of who a level reaches now, each once, in the order of its targets."""
        return list(dict.fromkeys(person for target in level.targets for person in self._resolve(target)))

    def person(self, id_: str) -> Person:
        """Return somebody that `people_of` named or `add` brought."""
        return self._people[id_]

    def add(self, people: Sequence[Person]) -> None:
        """Bring people that no level names."""
        self._people.update({str(person.pk): person for person in people})
        self._read_contacts(str(person.pk) for person in people)

    def methods(self, person: str) -> list[ContactMethod]:
        """Return all contact methods of a person, oldest first."""
        self._read_contacts([person])
        return self._methods[person]

    def choice(self, person: str, *, page: Page) -> Choice:
        """Return which methods `page` uses for a person, and when."""
        methods = [
            Method(id=str(method.pk), usable=method.usable, verified=method.verified_at is not None)
            for method in self.methods(person)
        ]
        return choose(
            rules=self._rules[person, page.urgency],
            methods=methods,
            high_urgency=page.urgency == Urgency.HIGH,
            everything=page.purpose == EVERYBODY,
        )

    def _resolve(self, target: FrozenTarget) -> list[str]:
        key = (target.kind, target.id)
        if key not in self._targets:
            try:
                self._targets[key] = self._look_up(target)
            except (ValueError, LookupError, TypeError, OverflowError):
                log.exception("target_not_resolved", kind=target.kind, target=target.id, name=target.name)
                self._targets[key] = []
        return self._targets[key]

    def _look_up(self, target: FrozenTarget) -> list[str]:
        if target.kind == "person":
            self._read_people([target.id])
            return [target.id] if target.id in self._people else []
        read: dict[str, Callable[[int], list[Person]]] = {
            "schedule": lambda id_: queries.on_call_people(id_, self._now),
            "team": queries.team_people,
            "tier": lambda id_: queries.tier_people(id_, self._now),
        }
        people = read[target.kind](int(target.id))
        self._people.update({str(person.pk): person for person in people})
        return [str(person.pk) for person in people]

    def _read_people(self, ids: Iterable[str]) -> None:
        wanted = {id_ for id_ in set(ids) - self._asked if _is_uuid(id_)}
        self._asked |= wanted
        if wanted:
            self._people.update({str(person.pk): person for person in Person.objects.active().filter(pk__in=wanted)})

    def _read_contacts(self, people: Iterable[str]) -> None:
        wanted = set(people) - set(self._methods)
        if not wanted:
            return
        self._methods.update({person: [] for person in wanted})
        for method in ContactMethod.objects.filter(person_id__in=[UUID(id_) for id_ in wanted]).order_by(
            "created_at", "pk"
        ):
            self._methods[str(method.person_id)].append(method)
        for rule in ContactRule.objects.filter(person_id__in=[UUID(id_) for id_ in wanted]).order_by("delay_s", "pk"):
            self._rules[str(rule.person_id), rule.urgency].append(
                Rule(method=str(rule.contact_method_id), delay_s=rule.delay_s)
            )


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
