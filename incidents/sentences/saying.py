"""What a sentence is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.rules.numbers import listed

VIAS: Final[Mapping[str, str | Promise]] = {
    "voice": gettext_lazy("by keypad"),
    "sms": gettext_lazy("by text message"),
    "email": gettext_lazy("by e-mail"),
    "link": gettext_lazy("by the link in the message"),
    "push": gettext_lazy("from a notification"),
    "api": gettext_lazy("by the API"),
    "cli": gettext_lazy("on the command line"),
    "slack": gettext_lazy("in Slack"),
}
"""How somebody acted, where that is worth a word; on the screen is not."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """One entry as its sentence sees it: who, by which way in, with what."""

    who: str
    via: str
    payload: Mapping[str, Any]

    def get(self, name: str) -> str:
        """Return a payload field as text; "" where it is missing."""
        value = self.payload.get(name)
        return "" if value is None else str(value)

    def people(self, name: str = "people") -> str:
        """Return a payload's names as a person lists them, "nobody" for none."""
        names = self.payload.get(name)
        return listed([str(each) for each in names]) if isinstance(names, list) and names else _("nobody")

    def way(self, via: str = "") -> str:
        """Return " by keypad" and the like, with a blank before it; "" where it goes without saying."""
        word = VIAS.get(via or self.via)
        return f" {word}" if word else ""


@dataclass(frozen=True, kw_only=True)
class Saying:
    """An icon of the sprite, the state that its colour shows (ok, watch, bad, calm, quiet), and the sentence.

    `detail` tells that another entry says the same in the incident's own words, so that a short account leaves it out.
    """

    icon: str
    say: Callable[[Said], str]
    tone: str = "quiet"
    detail: Callable[[Said], bool] = lambda _said: False
