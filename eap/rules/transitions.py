"""Which moves a run and its steps allow, with the sentence that refuses the others; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

RUN_WORDS: Final[Mapping[str, str]] = {
    "running": "is running",
    "paused": "is paused",
    "stopping": "is stopping",
    "done": "is done",
    "failed": "has failed",
    "stopped": "was stopped",
}
STEP_WORDS: Final[Mapping[str, str]] = {
    "waiting": "waits for other steps",
    "ready": "has not begun",
    "active": "is under way",
    "done": "is done",
    "failed": "has failed",
    "skipped": "was skipped",
    "unknown": "ended in a way nobody knows",
    "cancelled": "was cancelled",
}

_PERSONS: Final = frozenset({"manual", "pause_point", "approval", "decision"})
"""Kinds of steps that people carry out; the others are the engine's."""
_MACHINES: Final = frozenset({"page", "status_update", "wait", "automation", "verify", "sub_plan"})

MOVES: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "start": (frozenset({"ready"}), frozenset({"manual", "pause_point", "decision"})),
    "complete": (frozenset({"ready", "active"}), frozenset({"manual", "pause_point", "page", "wait"})),
    "answer": (frozenset({"ready", "active"}), frozenset({"pause_point"})),
    "choose": (frozenset({"ready", "active"}), frozenset({"decision"})),
    "vote": (frozenset({"ready", "active"}), frozenset({"approval", "automation", "verify"})),
    "skip": (frozenset({"waiting", "ready", "active", "failed", "unknown"}), _PERSONS | _MACHINES),
    "fail": (frozenset({"ready", "active"}), _PERSONS | _MACHINES),
    "reassign": (frozenset({"waiting", "ready", "active", "failed", "unknown"}), _PERSONS | _MACHINES),
    "retry": (frozenset({"failed", "unknown"}), _PERSONS | _MACHINES),
    "settle": (frozenset({"unknown"}), frozenset({"automation", "verify"})),
}
"""The verbs of a step: in which states, and for which kinds."""

_NOT_FOR_KIND: Final[Mapping[str, str]] = {
    "start": "This step begins by itself.",
    "complete": "This step can't be completed by hand; skip it with a reason if it isn't needed.",
    "answer": "Only a pause point has lines to answer.",
    "choose": "Only a decision has something to choose.",
    "vote": "Nothing is to be approved at this step.",
    "settle": "Only an automation can end in a way nobody knows.",
}


def why_not(verb: str, *, kind: str, state: str) -> str:
    """Return the sentence that refuses a verb for a step of this kind in this state, "" when it is allowed."""
    states, kinds = MOVES[verb]
    if kind not in kinds:
        return _NOT_FOR_KIND.get(verb, "The end of a plan is not a step to work on.")
    if state not in states:
        return f"This step {STEP_WORDS[state]}, so it can't be moved that way now."
    return ""


def why_not_run(verb: str, *, state: str) -> str:
    """Return the sentence that refuses a verb for a run in this state, "" when it is allowed."""
    allowed = {
        "begin": {"running"},
        "work": {"running", "paused", "stopping"},
        "pause": {"running"},
        "resume": {"paused"},
        "stop": {"running", "paused", "stopping"},
        "change": {"running", "paused"},
        "undo": {"running", "paused", "done", "failed", "stopped"},
    }[verb]
    if state in allowed:
        return ""
    hint = " Resume it first." if state == "paused" else ""
    return f"This run {RUN_WORDS[state]}.{hint}"
