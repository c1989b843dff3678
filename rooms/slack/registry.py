"""What is done with what comes from Slack: features register here what they answer, the doors find them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from people.models import Person

Kind = Literal["command", "action", "submission", "closed", "shortcut", "event"]
"""command: "/incident". action: a button or a select. submission, closed: a modal. shortcut: of a message or the app's
own. event: of the Events API."""


@dataclass(frozen=True, kw_only=True)
class Came:
    """One thing that came from Slack, verified and new.

    `name` is the command ("/incident"), the pressed element's action_id, the modal's or shortcut's callback_id, or the
    event's type. `payload` is Slack's own, whole (for commands the form's fields, for events the whole envelope, with
    the event under "event"). `person` is None only where the door was registered with `strangers=True`.
    """

    kind: Kind
    name: str
    key: str
    team_id: str
    user_id: str
    channel_id: str
    trigger_id: str
    response_url: str
    payload: Mapping[str, Any]
    person: Person | None
    now: datetime

    @property
    def text(self) -> str:
        """Return what was typed after a command."""
        return str(self.payload.get("text", "")).strip()

    @property
    def action(self) -> Mapping[str, Any]:
        """Return the pressed element of an action: its `action_id`, `value`, `selected_option` …"""
        actions = self.payload.get("actions") or [{}]
        return actions[0] if isinstance(actions[0], dict) else {}

    @property
    def view(self) -> Mapping[str, Any]:
        """Return the modal of a submission, or the one that a pressed element stands in; empty without."""
        found = self.payload.get("view")
        return found if isinstance(found, dict) else {}

    @property
    def event(self) -> Mapping[str, Any]:
        """Return the event itself."""
        found = self.payload.get("event")
        return found if isinstance(found, dict) else {}


AtOnce = Callable[[Came], dict[str, Any] | None]
"""Runs inside the request, which has 3 s for everything: it may open a modal (`client.call_now`, within the
trigger_id's 3 s), read, and return the body of the answer (`response_action` for a submission, `text` for a command).
None answers nothing. It must not change anything that would hurt if Slack never saw the answer."""
Later = Callable[[Came], None]
"""Runs after the answer, at least once (again after a crash), outside any transaction; it repeats safely."""


@dataclass(frozen=True, kw_only=True)
class Door:
    """What one name does. `queue` "page" for what people answer to a page, "chat" for everything else.

    `strangers`: also for people who are not linked; for others the transport offers them the linking.
    """

    at_once: AtOnce | None = None
    later: Later | None = None
    queue: Literal["page", "chat"] = "chat"
    strangers: bool = False


_doors: Final[dict[tuple[str, str], Door]] = {}


def on(
    kind: Kind,
    name: str,
    *,
    at_once: AtOnce | None = None,
    later: Later | None = None,
    queue: Literal["page", "chat"] = "chat",
    strangers: bool = False,
) -> None:
    """Register what is done with `name`; called from `AppConfig.ready`.

    The name of an action, submission or shortcut may stand for a family: "page" answers "page", "page:acknowledge" and
    "page:anything". With both, `at_once` runs in the request and `later` after it.
    """
    door = Door(at_once=at_once, later=later, queue=queue, strangers=strangers)
    if _doors.setdefault((kind, name), door) != door:
        raise ValueError(f"Two features answer {kind} {name!r}.")


def door_for(kind: str, name: str) -> Door | None:
    """Return what answers `name`: the exact one first, then its family's (what stands before the first colon)."""
    return _doors.get((kind, name)) or _doors.get((kind, name.partition(":")[0]))
