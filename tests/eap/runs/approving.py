"""A run that waits for vice presidents to agree, and what they do."""

from __future__ import annotations

from typing import Any

from eap.approvals import basis
from eap.models import Run, RunStep
from eap.operations.runs.vote import vote
from eap.run_queries import board_for_reading
from people.models import Person
from tests.builders import by, make_person, make_tier
from tests.eap.runs.builders import (
    at,
    automation,
    begin,
    do,
    fresh,
    make_version,
    step,
)


def seen(run: Run, key: str = "agree") -> str:
    """Return the digest of what somebody who looks at the approval now sees."""
    step = at(run, key)
    return basis(board_for_reading(fresh(run)), step).digest


def agree(run: Run, who: Person, *, approve: bool = True, **more: Any) -> RunStep:
    """Vote on what is seen now."""
    key = more.pop("key", "agree")
    more.setdefault("digest", seen(run, key))
    found: RunStep = do(vote, step_id=at(run, key).pk, approve=approve, by=by(who), **more)
    return found


def ready(count: int = 2, *, destructive: bool = False, inputs: bool = True) -> tuple[Run, Person, dict[str, Person]]:
    """Return a run that waits for `count` of three VPs, who started it, and the VPs by name."""
    vps = {name: make_person(name) for name in ("Vic", "Vera", "Ada")}
    make_tier("vp", *vps.values())
    otto = make_person("Otto")
    approval = {
        "roles": ["vp"],
        "count": count,
        "destructive": destructive,
        "expires": "1h",
        "of": "Wipe {inputs.host}.",
    }
    version = make_version(
        [step("agree", "approval", approval=approval), automation("burn", "test-once", needs=["agree"])],
        roles={"vp": {"title": "VP", "tier": "vp"}},
        inputs={"host": {"type": "text", "title": "Host"}} if inputs else {},
    )
    return begin(version, who=otto, inputs={"host": "web1"}), otto, vps
