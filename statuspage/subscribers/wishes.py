"""What a subscriber wants to hear of: language, how bad it has to be, which components."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from django.utils.translation import gettext as _

from statuspage.models import Component, Impact, StatusPage, Subscriber
from web.errors import BadInput

MINIMUMS: Final = (Impact.NONE, Impact.MINOR, Impact.MAJOR, Impact.CRITICAL)
"""What people choose from."""
RANKS: Final[Mapping[str, int]] = {
    Impact.NONE: 0,
    Impact.MINOR: 1,
    Impact.MAINTENANCE: 1,
    Impact.MAJOR: 2,
    Impact.CRITICAL: 3,
}
"""How impacts compare. Planned work reaches those who want to hear of minor trouble, not those who want major only."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """`components` None: everything on the page, also what is added later."""

    language: str = "en"
    minimum_impact: str = Impact.NONE
    components: tuple[str, ...] | None = None

    def kept(self) -> dict[str, Any]:
        """Return them as a letter keeps them until they are confirmed."""
        chosen = None if self.components is None else list(self.components)
        return {"language": self.language, "minimum_impact": self.minimum_impact, "components": chosen}

    @classmethod
    def of_letter(cls, choices: Mapping[str, Any]) -> Self:
        """Return what `kept` was given."""
        chosen = choices.get("components")
        return cls(
            language=choices["language"],
            minimum_impact=choices["minimum_impact"],
            components=None if chosen is None else tuple(chosen),
        )

    @classmethod
    def of(cls, subscriber: Subscriber) -> Self:
        """Return what a subscriber wishes now."""
        chosen = None if subscriber.all_components else tuple(subscriber.components.values_list("pk", flat=True))
        return cls(language=subscriber.language, minimum_impact=subscriber.minimum_impact, components=chosen)


def read_wishes(
    page: StatusPage, *, language: str = "", minimum_impact: str = "", components: Sequence[str] | None = None
) -> Wishes:
    """Return what somebody chose for this page; raise `BadInput` for what it does not offer.

    No language or one the page is not written in means the page's own. An empty choice of components is refused.
    """
    if minimum_impact and minimum_impact not in MINIMUMS:
        sentence = _("Choose one of the impacts in the list.")
        raise BadInput(sentence, errors={"minimum_impact": sentence})
    chosen: tuple[str, ...] | None = None
    if components is not None:
        known = set(
            Component.objects.filter(page=page, archived_at=None, pk__in=list(components)).values_list("pk", flat=True)
        )
        chosen = tuple(sorted(known))
        if not chosen or set(components) - known:
            sentence = _("Choose at least one component of this page.")
            raise BadInput(sentence, errors={"components": sentence})
    return Wishes(
        language=language if language in {page.language, *page.languages} else page.language,
        minimum_impact=minimum_impact or Impact.NONE,
        components=chosen,
    )


def apply(subscriber: Subscriber, wishes: Wishes) -> None:
    """Write wishes to a locked subscriber. Components that went away meanwhile are left out; none left means all."""
    chosen = None
    if wishes.components is not None:
        chosen = list(Component.objects.filter(page=subscriber.page_id, pk__in=wishes.components))
    subscriber.language = wishes.language
    subscriber.minimum_impact = wishes.minimum_impact
    subscriber.all_components = not chosen
    subscriber.save(update_fields=["language", "minimum_impact", "all_components"])
    subscriber.components.set(chosen or [])
