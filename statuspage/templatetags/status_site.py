"""The tags that the published page is written with: `{% load status_site %}`. Nothing here asks for a request."""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from statuspage.site import body
from statuspage.site.shown import ShownIncident
from statuspage.site.words import Told

register = template.Library()


@register.simple_tag
def draw(icon: str) -> SafeString:
    """Draw an icon of the page's own sheet, as decoration."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"></use></svg>', icon)


@register.simple_tag
def told(state: Told, css: str = "") -> SafeString:
    """Draw a state: icon, word and colour together."""
    return format_html(
        '<span class="state {} {}"><svg class="icon" aria-hidden="true"><use href="#i-{}"></use></svg>{}</span>',
        *(state.tone, css, state.icon, state.word),
    )


@register.simple_tag
def heading(level: int, prefix: str, to_home: str, incident: ShownIncident) -> SafeString:
    """Draw the name of an incident as a heading of a level (2 to 4) that leads to its page; `prefix` makes its id."""
    return format_html(
        '<h{0} id="{1}-{2}"><a href="{3}{4}">{5}</a></h{0}>',
        *(level, prefix, incident.id, to_home, incident.path, incident.name),
    )


@register.filter
def moment(at: datetime) -> SafeString:
    """Tell date and time in the page's zone; the page's script tells it in the reader's own."""
    local = timezone.localtime(at)
    return _time(at, "moment", f"{body.day(local, short=True)}, {local:%H:%M} {local:%Z}")


@register.filter
def clock(at: datetime) -> SafeString:
    """Tell the time of day in the page's zone."""
    local = timezone.localtime(at)
    return _time(at, "clock", f"{local:%H:%M} {local:%Z}")


@register.filter
def whole_day(at: date | datetime) -> str:
    """Tell a day, such as 3 November 2026, as the language writes it."""
    return body.day(timezone.localtime(at) if isinstance(at, datetime) else at)


@register.filter
def span(seconds: float) -> str:
    """Tell a length of time with its two greatest units: "2 d 3 h", "1 h 20 min", "40 s"."""
    return body.span(seconds)


@register.filter
def percent(value: float | None) -> str:
    """Tell a percentage with two decimals, cut and never rounded up: 99.999 is not 100."""
    return _("no record yet") if value is None else f"{body.percent(value)} %"


@register.filter
def paragraphs(text: str) -> SafeString:
    """Turn plain text into paragraphs with links."""
    return body.paragraphs(text)


def _time(at: datetime, kind: str, words: str) -> SafeString:
    stamp = at.isoformat(timespec="seconds")
    return format_html('<time datetime="{}" data-as="{}">{}</time>', stamp, kind, words)
