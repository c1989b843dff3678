"""How staff see components, stages and drafts: `{% load status_staff %}`."""

from __future__ import annotations

from typing import Any, Final

from django import template
from django.http import HttpRequest
from django.template import Context
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from statuspage.models import ComponentStatus, Impact, Stage, StatusUpdate
from statuspage.places import places_for
from web.templatetags.muster import state

register = template.Library()

COMPONENT: Final = {
    "operational": ("ok", "check"),
    "under_maintenance": ("calm", "gear"),
    "degraded_performance": ("watch", "hourglass"),
    "partial_outage": ("watch", "warn"),
    "major_outage": ("bad", "cross"),
}
STAGE: Final = {
    "investigating": ("watch", "search"),
    "identified": ("calm", "search"),
    "monitoring": ("calm", "screen"),
    "resolved": ("ok", "check"),
    "postmortem": ("quiet", "note"),
    "scheduled": ("quiet", "calendar"),
    "in_progress": ("calm", "play"),
    "verifying": ("calm", "screen"),
    "completed": ("ok", "check"),
}
IMPACT: Final = {
    "none": ("quiet", "minus"),
    "minor": ("watch", "level-3"),
    "major": ("watch", "level-2"),
    "critical": ("bad", "level-1"),
    "maintenance": ("calm", "gear"),
}
UPDATE: Final = {
    "draft": ("watch", "hourglass", _("Waits for approval")),
    "approved": ("calm", "shield", _("Approved, not published yet")),
    "published": ("ok", "globe", _("Published")),
    "discarded": ("quiet", "trash", _("Discarded")),
}


@register.simple_tag
def component_status(status: str) -> SafeString:
    """Draw the state of a component in its public words."""
    kind, icon = COMPONENT[status]
    return state(kind, icon, str(ComponentStatus(status).label))


@register.simple_tag
def stage(value: str) -> SafeString:
    """Draw how far a public incident or maintenance is, in its public word."""
    kind, icon = STAGE[value]
    return state(kind, icon, str(Stage(value).label))


@register.simple_tag
def impact(value: str) -> SafeString:
    """Draw how bad customers were told it is."""
    kind, icon = IMPACT[value]
    return state(kind, icon, str(Impact(value).label))


@register.simple_tag
def update_state(update: StatusUpdate) -> SafeString:
    """Draw where an update is on its way to customers."""
    kind, icon, word = UPDATE[update.state]
    return state(kind, icon, str(word))


@register.filter
def of_language(texts: dict[str, str], code: str) -> str:
    """Return the text of a language, "" where there is none."""
    return texts.get(code, "")


@register.filter
def in_minutes(seconds: int) -> str:
    """Write seconds as minutes, half ones too."""
    return f"{seconds / 60:g}"


@register.simple_tag(takes_context=True)
def status_places(context: Context) -> list[dict[str, Any]]:
    """Return the neighbouring screens of the status page that this reader may open, for `{% tabs %}`."""
    request: HttpRequest = context["request"]
    return places_for(request)
