"""What customers were told while the three incidents of the past went on: moves of their stories."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from demonstration.status_page import Components, let_out
from demonstration.words import in_languages, words
from incidents.models import Incident
from people.actors import actor_for
from people.models import Person
from statuspage.models import PublicIncident
from statuspage.operations.draft_update import draft_incident, draft_update

People = Mapping[str, Person]


def told(kind: str, components: Components) -> Iterator[tuple[float, Callable[[Incident, People, datetime], None]]]:
    """Yield the moments of a story at which customers heard: minutes after the declaration, and the move."""
    story = words("told")[kind]
    for said in story["said"]:
        yield float(said["minute"]), _tells(story["name"], said, components)


def _tells(
    name: dict[str, str], said: dict[str, Any], components: Components
) -> Callable[[Incident, People, datetime], None]:
    def move(incident: Incident, people: People, now: datetime) -> None:
        by = actor_for(people["Cam"], via="web")
        given: dict[str, Any] = {
            "stage": said["stage"],
            "texts": said["text"],
            "components": {components[key].pk: status for key, status in said["components"].items()},
            "next_update_at": now + timedelta(minutes=said["promise"]) if said["promise"] else None,
            "by": by,
            "now": now,
        }
        public = PublicIncident.objects.filter(incident=incident).first()
        if public is None:
            page = components["dns"].page
            own, others = in_languages(page, name)
            update = draft_incident(page=page, incident=incident, name=own, names=others, **given)
        else:
            update = draft_update(public_incident=public, **given)
        let_out(update, people, now=now)

    return move
