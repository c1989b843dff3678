"""What a subscriber chooses from, as the forms show it."""

from __future__ import annotations

from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from statuspage.models import Component, Impact, StatusPage
from statuspage.rules.languages import LANGUAGES
from statuspage.site.snapshot import languages_of
from statuspage.subscribers.wishes import Wishes

MINIMUM_WORDS: Final[dict[str, str | Promise]] = {
    Impact.NONE: _("Everything, also announcements"),
    Impact.MINOR: _("Minor trouble and worse, and planned work"),
    Impact.MAJOR: _("Major trouble and worse"),
    Impact.CRITICAL: _("Critical trouble only"),
}


def choices_for(page: StatusPage, wishes: Wishes, *, language: str) -> dict[str, Any]:
    """Return what the part `choices.html` needs: languages, impacts, components by group, with what is chosen."""
    chosen = set(wishes.components or ())
    groups: dict[str, list[dict[str, Any]]] = {}
    components = (
        Component.objects.filter(page=page, archived_at=None)
        .select_related("group")
        .order_by("group__position", "group__name", "position", "name")
    )
    for each in components:
        heading = "" if each.group is None else each.group.names.get(language) or each.group.name
        groups.setdefault(heading, []).append(
            {"id": each.pk, "name": each.names.get(language) or each.name, "chosen": each.pk in chosen}
        )
    return {
        "some": wishes.components is not None,
        "groups": list(groups.items()),
        "impacts": [(key, word, key == wishes.minimum_impact) for key, word in MINIMUM_WORDS.items()],
        "tongues": [(code, LANGUAGES[code], code == wishes.language) for code in languages_of(page)],
    }
