"""How the ledger of an incident reads to people: one sentence and an icon per verb, a file per noun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from incidents.sentences.about_incidents import INCIDENT
from incidents.sentences.about_musters import MUSTER
from incidents.sentences.about_pages import PAGE
from incidents.sentences.saying import Said, Saying

SAYINGS: Final[dict[str, Saying]] = {**INCIDENT, **MUSTER, **PAGE}


def register(sayings: Mapping[str, Saying]) -> None:
    """Add the sentences of a floor above for verbs of its own; a second one for a verb is a mistake."""
    for verb, saying in sayings.items():
        if SAYINGS.setdefault(verb, saying) is not saying:
            raise ValueError(f"Two sentences for the verb {verb!r}.")


__all__ = ["SAYINGS", "Said", "Saying", "register"]
