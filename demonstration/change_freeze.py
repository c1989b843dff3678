"""A plan of Harbor Hosting's own, short enough to be tried in a minute: a vice president agrees, by whatever way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from eap.operations.plans.draft import draft_plan
from eap.operations.plans.review import publish, submit
from people.actors import actor_for
from people.models import Person

KEY: Final = "change-freeze"
TEXT: Final = """\
format: muster-plan/1
key: change-freeze
title: Freeze of all changes
scenario: Something is badly broken, and every deployment makes it harder to see what.
activation:
  - A SEV1 or SEV2 whose cause is not known yet
suggested_for: {severities: [1, 2]}
mode: read-do
owner: Operations
review_by: 2027-05-01
roles:
  operations: {title: Operations lead, incident_role: operations, schedule: engineer-on-call}
  vice: {title: Vice president, tier: vp}
steps:
  - id: agree
    kind: approval
    title: Stop every change
    approval:
      roles: [vice]
      of: Nobody deploys, patches or reconfigures anything, and customers' orders wait, until the incident is over.
  - id: freeze
    kind: manual
    title: Close the deployment pipeline
    role: operations
    needs: [agree]
    instructions: Set the pipeline to read-only and say so where the teams write.
    due: 15m
  - id: thaw
    kind: manual
    title: Open it again
    role: operations
    needs: [freeze]
    instructions: When the incident is over. What waited goes out one by one.
    due: 1d
"""


def adopt_change_freeze(people: Mapping[str, Person], *, now: datetime) -> None:
    """Let Otto write it and Mia publish it, as two people do."""
    otto, mia = people["Otto"], people["Mia"]
    by = actor_for(otto, via="cli")
    draft = draft_plan(key=KEY, text=TEXT, person=otto, by=by, now=now)
    submit(version_id=draft.pk, person=otto, by=by, now=now)
    publish(version_id=draft.pk, digest=draft.digest, person=mia, by=actor_for(mia, via="cli"), now=now)
