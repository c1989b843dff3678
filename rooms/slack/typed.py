"""What somebody typed or chose in a modal, whatever Slack sends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rooms.slack.blocks.inputs import VALUE

View = Mapping[str, Any]


def typed(view: View, name: str) -> str:
    """Return what stands in a field: its text, the chosen option's value or the chosen user's id; "" for nothing."""
    state = _part(_part(_part(_part(view, "state"), "values"), name), VALUE)
    found = state.get("value") or state.get("selected_user") or _part(state, "selected_option").get("value")
    return found.strip() if isinstance(found, str) else ""


def ticked(view: View, name: str) -> bool:
    """Tell whether the box `name` is ticked."""
    state = _part(_part(_part(_part(view, "state"), "values"), name), VALUE)
    return bool(state.get("selected_options"))


def remembered(view: View) -> dict[str, str]:
    """Return what the modal was given to remember (its `private_metadata`)."""
    try:
        found = json.loads(str(view.get("private_metadata") or "{}"))
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def to_remember(**facts: str) -> str:
    """Return facts as a modal remembers them."""
    return json.dumps(facts, separators=(",", ":"))


def _part(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = given.get(name)
    return found if isinstance(found, dict) else {}
