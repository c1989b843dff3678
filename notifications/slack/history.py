"""Whether something was done of which Slack said nothing.

A message carries a key of ours in its metadata, which only apps see; a channel has its name and its maker.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from notifications.slack.client import Answer, call

EVENT: Final = "muster_message"
NEWEST: Final = 100
"""Messages of a channel that are looked at: more are not written there between a try and the next."""


MOST_PAGES: Final = 2
"""Of a thousand channels each: what is beyond costs a second channel with a suffix, looking longer costs the lease."""


def stamped(arguments: Mapping[str, Any], *, key: str) -> dict[str, Any]:
    """Return the arguments of `chat.postMessage` with our key in the message's metadata."""
    return {**arguments, "metadata": {"event_type": EVENT, "event_payload": {"key": key}}}


def posted(*, channel: str, key: str, since: datetime) -> Answer | None:
    """Return `channel` and `ts` of the message with this key that was posted after `since`, None when there is none.

    `channel` may be a user's id: then the direct messages with them are looked at. Raises as `call`.
    """
    if channel.startswith(("U", "W")):
        channel = str(call("conversations.open", {"users": channel})["channel"]["id"])
    found = call(
        "conversations.history",
        {
            "channel": channel,
            "include_all_metadata": True,
            "oldest": f"{since.timestamp():.6f}",
            "limit": NEWEST,
        },
    )
    for message in found.get("messages") or []:
        metadata = message.get("metadata") or {}
        if metadata.get("event_type") == EVENT and (metadata.get("event_payload") or {}).get("key") == key:
            return {"ok": True, "channel": channel, "ts": str(message["ts"]), "found": True}
    return None


def channel_made(*, name: str) -> Answer | None:
    """Return `channel` if we made one of this name that still stands, None when there is none. Raises as `call`."""
    we, cursor = call("auth.test", {}).get("user_id"), ""
    for _page in range(MOST_PAGES):
        asked = {"types": "public_channel,private_channel", "exclude_archived": True, "limit": 1000}
        found = call("conversations.list", asked | ({"cursor": cursor} if cursor else {}))
        for channel in found.get("channels") or []:
            if channel.get("name") == name and channel.get("creator") == we:
                return {"ok": True, "channel": channel}
        cursor = str((found.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            break
    return None
