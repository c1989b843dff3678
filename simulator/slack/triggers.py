"""trigger_ids, good for one window within 3 s, and response_urls, good five times within 30 minutes."""

import secrets
from dataclasses import dataclass

TRIGGER_S = 3.0
RESPONSE_S = 1800.0
RESPONSES = 5


@dataclass(kw_only=True)
class Trigger:
    user: str
    at_s: float
    view: str = ""
    used: bool = False


@dataclass(kw_only=True)
class Response:
    """Where an answer goes: the channel, whose screen, and the message that was acted on ("" for a command)."""

    channel: str
    user: str
    at_s: float
    message_ts: str = ""
    left: int = RESPONSES


class Triggers:
    """What was handed out and may still be used."""

    def __init__(self) -> None:
        self._triggers: dict[str, Trigger] = {}
        self._responses: dict[str, Response] = {}

    def clear(self) -> None:
        self._triggers.clear()
        self._responses.clear()

    def trigger(self, *, user: str, at_s: float, view: str = "") -> str:
        trigger_id = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._triggers[trigger_id] = Trigger(user=user, at_s=at_s, view=view)
        return trigger_id

    def use(self, trigger_id: str, *, at_s: float) -> Trigger | str:
        """The trigger, which is used up, or Slack's error for it."""
        found = self._triggers.get(trigger_id)
        if found is None:
            return "invalid_trigger_id"
        if at_s - found.at_s > TRIGGER_S:
            return "expired_trigger_id"
        if found.used:
            return "exchanged_trigger_id"
        found.used = True
        return found

    def response(self, *, channel: str, user: str, at_s: float, message_ts: str = "") -> str:
        """A token for a response_url."""
        token = secrets.token_urlsafe(18)
        self._responses[token] = Response(channel=channel, user=user, at_s=at_s, message_ts=message_ts)
        return token

    def respond(self, token: str, *, at_s: float) -> Response | None:
        """Where an answer goes, None when the address is used up or too old."""
        found = self._responses.get(token)
        if found is None or found.left == 0 or at_s - found.at_s > RESPONSE_S:
            return None
        found.left -= 1
        return found
