"""Parts of the plans' screens: `{% load plans %}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import template
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe

from eap.format.document import Document
from eap.format.drawing import Shown, draw
from eap.models import PlanVersion
from eap.outline import outline
from eap.prose import html_of
from web import icons
from web.templatetags.muster import state

register = template.Library()

VERSION_STATES: Final = {
    PlanVersion.State.DRAFT: ("quiet", "edit"),
    PlanVersion.State.IN_REVIEW: ("watch", "hourglass"),
    PlanVersion.State.PUBLISHED: ("ok", "check"),
    PlanVersion.State.REJECTED: ("bad", "cross"),
}


@register.simple_tag
def plan_graph(document: Document, states: Mapping[str, Shown] | None = None, identity: str = "graph") -> SafeString:
    """Draw a plan. `states` colours its steps by id; two drawings on a page need an `identity` each."""
    return mark_safe(draw(document, sprite=static(icons.SPRITE), states=states, identity=identity))  # noqa: S308


@register.inclusion_tag("eap/plans/parts/steps.html")
def plan_steps(document: Document, states: Mapping[str, Shown] | None = None) -> dict[str, Any]:
    """Write a plan's steps as the list that says what the picture shows."""
    return {"lines": outline(document, states=states)}


@register.simple_tag
def version_state(version: PlanVersion) -> SafeString:
    """Draw a version's state."""
    kind, icon = VERSION_STATES[PlanVersion.State(version.state)]
    return state(kind, icon, version.get_state_display())


@register.filter
def prose(text: str) -> SafeString:
    """Write Markdown as HTML."""
    return html_of(text)
