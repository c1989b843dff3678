"""What Harbor Hosting tells its customers, read from files: prepared texts by language, and what was said before."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from statuspage.models import StatusPage, UpdateTemplate

FOLDER: Final = Path(__file__).parent / "wording"
LANGUAGES: Final = ("en", "de", "fr", "es", "nl")
ANY: Final = "any"
STAGES: Final = ("investigating", "identified", "monitoring", "resolved", "scheduled", "in_progress", "completed")


@cache
def words(name: str) -> dict[str, Any]:
    """Return one file: a language's prepared texts by incident type, `told` or `past`."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


def texts_of(kind: str, stage: str, *, components: str = "") -> dict[str, str]:
    """Return a prepared text by language; with `components` named in it."""
    found = {code: words(code).get(kind, {}).get(stage, "") for code in LANGUAGES}
    return {
        code: text.replace("{{ components }}", components or "{{ components }}") for code, text in found.items() if text
    }


def names_of(kind: str) -> dict[str, str]:
    """Return the prepared public name by language."""
    found = {code: words(code).get(kind, {}).get("name", "") for code in LANGUAGES}
    return {code: name for code, name in found.items() if name}


def prepare_texts() -> None:
    """Store the prepared texts as templates: each incident type and stage, and maintenance."""
    templates = []
    for kind in words("en"):
        for stage in STAGES:
            texts = texts_of(kind, stage)
            if texts:
                incident_type = "" if kind in (ANY, "maintenance") else kind
                about = (
                    "Any trouble"
                    if kind == ANY
                    else "Any maintenance"
                    if kind == "maintenance"
                    else names_of(kind)["en"]
                )
                label = f"{about}: {stage.replace('_', ' ')}"
                names = names_of(kind) if stage in ("investigating", "scheduled") else {}
                templates.append(
                    UpdateTemplate(label=label, incident_type=incident_type, stage=stage, names=names, texts=texts)
                )
    UpdateTemplate.objects.bulk_create(templates)


def in_languages(page: StatusPage, given: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Return the text of the page's own language, and those of its others."""
    return given[page.language], {code: text for code, text in given.items() if code != page.language}
