"""Who did it: the actor that every operation is given as `by`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["person", "token", "system", "rule", "provider"]


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Somebody or something that changes state.

    `id` is the opaque id of the person, token, rule or provider; `name` is what people read, as it was at the time.
    `via` names the way in: "web", "api", "cli", "voice", "sms", "email", "link", "rule", "engine".
    """

    kind: ActorKind
    id: str
    name: str
    via: str

    @classmethod
    def system(cls, name: str = "Muster", via: str = "engine") -> Actor:
        """Return Muster itself as the actor."""
        return cls(kind="system", id="", name=name, via=via)
