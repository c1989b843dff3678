"""Which mail came back for a reason that passes: a full box, a server that was away, a policy of the day.

django-anymail calls all of them "bounced"; the providers' own words, which it hands on, tell them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

Told = Mapping[str, Any]

PASSES: Final = "passes"
"""The reason of a mail that came back and says nothing against the address."""
NOT_THE_ADDRESS: Final = ("5.2.2", "5.3.", "5.4.", "5.6.", "5.7.")
"""Beginnings of mail servers' codes for a full box, the system, the way, the content or a policy (RFC 3463)."""
AGAINST_THE_ADDRESS: Final = frozenset({"10", "30", "90"})
"""SparkPost's bounce classes of the category "hard"."""


def passes(provider: str, told: object) -> bool:
    """Tell whether a provider calls this a soft bounce; False where it draws no such line."""
    is_soft = _SOFT.get(provider)
    return is_soft is not None and isinstance(told, Mapping) and is_soft(told)


def _within(told: Told, *names: str) -> Told:
    for name in names:
        inner = told.get(name)
        told = inner if isinstance(inner, Mapping) else {}
    return told


_SOFT: Final[Mapping[str, Callable[[Told], bool]]] = {
    "amazon_ses": lambda told: _within(told, "bounce").get("bounceType", "Permanent") != "Permanent",
    "brevo": lambda told: told.get("event") == "soft_bounce",
    "mailersend": lambda told: _within(told, "data").get("type") == "soft_bounced",
    "mailjet": lambda told: told.get("event") == "bounce" and not told.get("hard_bounce"),
    "mandrill": lambda told: told.get("event") == "soft_bounce",
    "postmark": lambda told: told.get("Type") == "SoftBounce",
    "resend": lambda told: _within(told, "data", "bounce").get("type", "Permanent") != "Permanent",
    "sparkpost": lambda told: _sparkpost_class(told) not in AGAINST_THE_ADDRESS,
}


def _sparkpost_class(told: Told) -> str:
    """Return the bounce class of an event, which SparkPost wraps twice; a hard one where it says none."""
    for event in _within(told, "msys").values():
        if isinstance(event, Mapping):
            return str(event.get("bounce_class", "10"))
    return "10"
