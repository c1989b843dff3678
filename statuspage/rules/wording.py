"""Fill prepared texts with facts; pure. A placeholder is a known name in double braces: `{{ component }}`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

PLACEHOLDERS: Final = ("page", "component", "components", "started_at", "next_update_at")
"""What may stand in a template. Nothing here comes from an internal incident's title, summary or number."""

_PLACEHOLDER: Final = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What fills a template in one language: names as customers know them, times as they read them."""

    page: str
    components: tuple[str, ...] = ()
    started_at: str = ""
    next_update_at: str = ""
    nothing_known: str = "our services"
    last_word: str = "and"

    def value_of(self, placeholder: str) -> str:
        """Return what stands in place of a placeholder."""
        listed = self.components or (self.nothing_known,)
        if placeholder == "component":
            return listed[0]
        if placeholder == "components":
            return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} {self.last_word} {listed[-1]}"
        return str(getattr(self, placeholder))


def fill(template_texts: Mapping[str, str], facts: Mapping[str, Facts]) -> dict[str, str]:
    """Return the texts by language with placeholders filled; a language without facts is left out.

    What stands in double braces and is no placeholder stays as it is, so that a person sees it in the preview.
    """
    return {code: _filled(text, facts[code]) for code, text in template_texts.items() if code in facts}


def unknown_placeholders(texts: Iterable[str]) -> set[str]:
    """Return what stands in double braces in any of these texts and nothing fills."""
    return {name for text in texts for name in _PLACEHOLDER.findall(text) if name not in PLACEHOLDERS}


def _filled(text: str, facts: Facts) -> str:
    def value(match: re.Match[str]) -> str:
        return facts.value_of(match[1]) if match[1] in PLACEHOLDERS else match[0]

    return _PLACEHOLDER.sub(value, text)
