"""Plans in the database, in every state."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from eap.models import PlanVersion
from eap.operations.plans.draft import draft_plan
from eap.operations.plans.review import publish, submit
from ledger.actor import Actor
from people.actors import actor_for
from people.models import Person
from tests.builders import NOW, make_person
from tests.eap.format.texts import LOOK, plan_text


def make_draft(
    steps: str = LOOK,
    *,
    key: str = "restore-web",
    text: str | None = None,
    person: Person | None = None,
    now: datetime = NOW,
) -> PlanVersion:
    """Make a plan with a first draft."""
    by = actor_for(person, via="web") if person else Actor.system()
    with transaction.atomic():
        text = plan_text(steps, key=key) if text is None else text
        return draft_plan(key=key, text=text, person=person, by=by, now=now)


def make_in_review(
    steps: str = LOOK, *, key: str = "restore-web", person: Person | None = None, now: datetime = NOW
) -> PlanVersion:
    """Make a plan whose first version waits for a second person."""
    person = person or make_person("Otto")
    version = make_draft(steps, key=key, person=person, now=now)
    with transaction.atomic():
        return submit(version_id=version.pk, person=person, by=actor_for(person, via="web"), now=now)


def make_published(
    steps: str = LOOK,
    *,
    key: str = "restore-web",
    person: Person | None = None,
    reviewer: Person | None = None,
    now: datetime = NOW,
) -> PlanVersion:
    """Make a plan whose first version is published."""
    version = make_in_review(steps, key=key, person=person, now=now)
    reviewer = reviewer or make_person("Vera")
    by = actor_for(reviewer, via="web")
    with transaction.atomic():
        return publish(version_id=version.pk, digest=version.digest, person=reviewer, by=by, now=now)
