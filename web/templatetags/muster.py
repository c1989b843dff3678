"""The tags every screen is written with: `{% load muster %}`. Each part is shown at /look/."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, Literal

from django import template
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from web import browsers, icons, moments, theme
from web.navigation import Navigation, navigation_for

register = template.Library()

KINDS: Final = ("ok", "watch", "bad", "calm", "quiet")
"""What a state can mean: well, needs attention, wrong, under way, at rest."""
SEVERITIES: Final = {"SEV1": "bad solid", "SEV2": "watch solid", "SEV3": "calm", "SEV4": "quiet"}


class UnknownKindError(LookupError):
    """A part was asked for in a kind or form that the language does not have."""


def _checked(kind: str) -> str:
    if kind and kind not in KINDS:
        raise UnknownKindError(f"{kind!r} is not a kind of state. Kinds are: {', '.join(KINDS)}.")
    return kind


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """Draw an icon. Decoration by default; with `label` it is announced as an image."""
    classes = f"icon {css}".strip()
    href = f"{static(icons.SPRITE)}#{icons.checked(name)}"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>', classes, label, href
        )
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', classes, href)


@register.simple_tag
def state(kind: str, icon_name: str, word: str, at: datetime | None = None) -> SafeString:
    """Draw a state: icon, word and colour together, never colour alone. `at` adds the time of day it began."""
    since = format_html(" {}", moment(at, "clock")) if at else ""
    return format_html(
        '<span class="state {}">{}<span>{}</span>{}</span>', _checked(kind), icon(icon_name), word, since
    )


@register.simple_tag
def severity(level: str) -> SafeString:
    """Draw a severity, "SEV1" to "SEV4": bars, word and colour."""
    if level not in SEVERITIES:
        raise UnknownKindError(f"{level!r} is not a severity. Severities are: {', '.join(SEVERITIES)}.")
    return format_html('<span class="severity {}">{}{}</span>', SEVERITIES[level], icon(f"level-{level[-1]}"), level)


def initials(name: str) -> str:
    """Return two letters for a face: of the first and last word, or the first two of a single word."""
    parts = name.split()
    if len(parts) > 1:
        return (parts[0][0] + parts[-1][0]).upper()
    return name.strip()[:2].upper() or "?"


@register.simple_tag
def face(name: str, kind: str = "", icon_name: str = "", size: str = "") -> SafeString:
    """Draw a person's face, always beside the written name. `size` is "", "small" or "large"; `icon_name` a badge."""
    badge = icon(icon_name) if icon_name else ""
    classes = " ".join(part for part in ("face", _checked(kind), size) if part)
    return format_html('<span class="{}" aria-hidden="true">{}{}</span>', classes, initials(name), badge)


def _written(at: datetime, form: str, now: datetime) -> tuple[str, str]:
    """Return the text of a time in `form` and the class it carries."""
    local = timezone.localtime(at)
    today = local.date() == timezone.localtime(now).date()
    if form == "relative":
        return moments.relative(at, now) or date_format(local, "j M Y"), ""
    if form == "clock":
        return date_format(local, "H:i" if today else "j M H:i"), ""
    if form == "seconds":
        return date_format(local, "H:i:s" if today else "j M H:i:s"), ""
    if form == "full":
        return date_format(local, "j M Y, H:i"), ""
    if form == "up":
        return moments.clock(now - at), "clock"
    if form == "down":
        text, late = moments.countdown(at, now)
        return text, "clock over" if late else "clock"
    raise UnknownKindError(f"{form!r} is not a form of time: relative, clock, seconds, full, up or down.")


@register.simple_tag
def quorum(confirmed: int, needed: int) -> SafeString:
    """Draw how many of the needed answers are in, as filled and open dots."""
    dots = format_html_join(
        "",
        '<circle cx="{}" cy="6" r="4" class="{}"/>',
        ((6 + 12 * place, "in" if place < confirmed else "out") for place in range(needed)),
    )
    label = _("{confirmed} of {needed} confirmed").format(confirmed=confirmed, needed=needed)
    width = 12 * max(needed, 1)
    return format_html(
        '<svg class="quorum" role="img" aria-label="{}" viewBox="0 0 {} 12" width="{}" height="12">{}</svg>',
        label,
        width,
        width,
        dots,
    )


@register.simple_tag(name="time")
def moment(at: datetime | Literal[""] | None, form: str = "relative") -> SafeString:
    """Write a time in the reader's zone, exact in its title; the browser keeps it fresh.

    Forms: "relative" (4 min ago), "clock" (03:12), "seconds" (03:12:04), "full" (22 Nov 2026, 03:12), "up" (a clock
    running since then, 2:05) and "down" (a clock running until then; "0:32 late" after it). None, and a
    variable the template does not have, write a dash.
    """
    if not at:
        return mark_safe("&ndash;")
    text, css = _written(at, form, timezone.now())
    exact = f"{date_format(timezone.localtime(at), 'l j F Y, H:i:s')} {timezone.localtime(at).tzname()}"
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    ticking = format_html(' data-time="{}"', form) if form in {"relative", "up", "down"} else ""
    classes = format_html(' class="{}"', css) if css else ""
    return format_html('<time datetime="{}" title="{}"{}{}>{}</time>', stamp, exact, ticking, classes, text)


@register.simple_block_tag(takes_context=False)
def card(content: SafeString, title: str = "", **options: str) -> SafeString:
    """Put `content` on a card. Options: `icon`, `aside` (markup beside the title), `kind`, `id`, `level` ("h3")."""
    kind = _checked(options.get("kind", ""))
    attributes = format_html(' id="{}"', options["id"]) if options.get("id") else ""
    if not title:
        return format_html('<section class="card {}"{}>{}</section>', kind, attributes, content)
    drawing = icon(options["icon"]) if options.get("icon") else ""
    level = "h3" if options.get("level") == "h3" else "h2"
    header = format_html("<{0}>{1}{2}</{0}>{3}", level, drawing, title, options.get("aside", ""))
    return format_html('<section class="card {}"{}><header>{}</header>{}</section>', kind, attributes, header, content)


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> Navigation:
    """Return where this reader can go: `{% navigation as places %}`."""
    request = context.get("request")
    return navigation_for(request) if request is not None else Navigation()


@register.simple_tag(name="theme", takes_context=True)
def chosen_theme(context: Context) -> str:
    """Return the reader's choice of light or dark, "" when the system decides."""
    return theme.chosen(context.get("request"))


@register.simple_tag
def time_words() -> dict[str, str]:
    """Return the words `time.js` writes with, in the active language."""
    return moments.words()


@register.filter
def notice_kind(tags: Any) -> str:
    """Turn the tags of a Django message into a kind of state."""
    kinds = {"success": "ok", "error": "bad", "warning": "watch", "info": "calm", "debug": "quiet"}
    return next((kinds[tag] for tag in str(tags).split() if tag in kinds), "calm")


@register.filter
def notice_icon(tags: Any) -> str:
    """Return the icon that says in a picture what `notice_kind` says in colour."""
    return {"ok": "check", "bad": "warn", "watch": "warn", "calm": "facts", "quiet": "facts"}[notice_kind(tags)]


@register.filter
def browser(user_agent: str) -> str:
    """Name a browser and its system in words, from its User-Agent header."""
    return browsers.known_as(user_agent)
