"""What Muster itself says to customers, in every language of a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _

from statuspage.models import Component, StatusPage


def maintenance_started(page: StatusPage) -> dict[str, str]:
    """Return the word that a maintenance has begun."""
    return _in_each(
        page, lambda _code: _("The scheduled maintenance has begun. We will tell you when it is completed.")
    )


def maintenance_completed(page: StatusPage) -> dict[str, str]:
    """Return the word that a maintenance is over."""
    return _in_each(page, lambda _code: _("The scheduled maintenance has been completed."))


def maintenance_reminder(page: StatusPage, *, begins: datetime) -> dict[str, str]:
    """Return the reminder of a maintenance, with its beginning in the page's zone."""
    when = begins.astimezone(ZoneInfo(page.time_zone)).strftime("%Y-%m-%d %H:%M %Z")
    return _in_each(page, lambda _code: _("A reminder: this maintenance begins at %(time)s.") % {"time": when})


def looking_into(page: StatusPage, components: Sequence[Component]) -> tuple[dict[str, str], dict[str, str]]:
    """Return names and texts of a word that claims nothing but that somebody looks: nothing is confirmed yet."""
    names = _in_each(page, lambda code: _("Problems with %(component)s") % {"component": named(components, code)})
    texts = _in_each(
        page,
        lambda code: (
            _("We are looking into reports of problems with %(component)s.") % {"component": named(components, code)}
        ),
    )
    return names, texts


def named(components: Sequence[Component], code: str) -> str:
    """Return the components' names as customers of a language know them."""
    return ", ".join(component.names.get(code) or component.name for component in components)


def _in_each(page: StatusPage, say: Callable[[str], str]) -> dict[str, str]:
    texts = {}
    for code in (page.language, *page.languages):
        with translation.override(code):
            texts[code] = say(code)
    return texts
