"""A plan's first draft from something that is there: the blank page, a built-in plan, a file."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from eap.models import Plan, PlanVersion
from eap.operations.plans.draft import draft_plan, propose_change
from eap.operations.plans.install import builtins
from ledger.actor import Actor
from people.models import Person
from web.errors import BadInput

BLANK: Final = Path(__file__).resolve().parents[2] / "format" / "blank.yaml"
REVIEWED_EVERY: Final = timedelta(days=180)
"""How far away a new plan's review date is; NIST SP 800-34 (3.6) asks for a look at least yearly, twice is better."""
_KEY_LINE: Final = re.compile(r"^key:[ ]*(?P<key>[^\s#]*)", re.MULTILINE)


def begin_from_template(*, template: str, key: str, person: Person | None, by: Actor, now: datetime) -> PlanVersion:
    """Make a plan of its own from the blank page ("") or from a built-in plan. Raises `BadInput`."""
    if template and template not in builtins():
        raise BadInput("There is no such template.", errors={"template": "Choose one of the list."})
    if template:
        text = _KEY_LINE.sub(f"key: {key}", builtins()[template].text, count=1)
    else:
        review_by = (now + REVIEWED_EVERY).date().isoformat()
        text = BLANK.read_text(encoding="utf-8").replace("KEY", key, 1).replace("REVIEW_BY", review_by, 1)
    return draft_plan(key=key, text=text, person=person, by=by, now=now)


def begin_from_text(*, text: str, person: Person | None, by: Actor, now: datetime, notes: str = "") -> PlanVersion:
    """Make a draft of a whole text: of a new plan, or the next version of the one whose key it says.

    Raises `BadInput` for a text that says no key, `IllegalMove` while a version of that plan is under work.
    """
    key = key_in(text)
    if not key:
        sentence = "This text says no key. A plan has a line such as `key: restore-web-server`."
        raise BadInput(sentence, errors={"file": sentence})
    plan = Plan.objects.filter(key=key).first()
    if plan is None:
        return draft_plan(key=key, text=text, person=person, by=by, now=now, notes=notes)
    return propose_change(plan=plan, person=person, by=by, now=now, notes=notes, text=text)


def key_in(text: str) -> str:
    """Return the key that a text says, even one that can't be read as a whole; "" for none."""
    found = _KEY_LINE.search(text)
    return found["key"].strip("'\"") if found else ""
