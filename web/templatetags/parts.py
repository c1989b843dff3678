"""Parts with a shape of their own: `{% load parts %}`. Their markup stands in `components/`, each is shown at /look/.

They are tags and not includes, so that a misspelt parameter fails and nothing leaks in from the page around them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms, template
from django.template import Context

register = template.Library()
Shown = dict[str, Any]


@register.inclusion_tag("components/notice.html")
def notice(kind: str, icon: str, text: str, title: str = "", url: str = "", word: str = "") -> Shown:
    """Say a sentence that must be seen; `url` and `word` add the way to mend it."""
    return {"kind": kind, "icon": icon, "text": text, "title": title, "url": url, "word": word}


@register.inclusion_tag("components/empty.html")
def empty(icon: str, title: str, text: str = "", url: str = "", word: str = "") -> Shown:
    """Say that nothing is here, and why that is good or what to do."""
    return {"icon": icon, "title": title, "text": text, "url": url, "word": word}


@register.inclusion_tag("components/progress.html")
def progress(label: str, done: int = 0, total: int = 0, text: str = "", kind: str = "") -> Shown:
    """Show long work. `text` is rate and time left; without `total` it runs without a measure."""
    return {"label": label, "done": done, "total": total, "text": text, "kind": kind}


@register.inclusion_tag("components/leader.html")
def leader(
    name: str,
    title: str,
    kind: str,
    icon: str,
    word: str,
    at: datetime | None = None,
    note: str = "",
    calling: bool = False,
) -> Shown:
    """Show one leader on the muster board, inside `<ul class="people">`. `calling` beats while it rings."""
    return {
        "name": name, "title": title, "kind": kind, "icon": icon, "word": word, "at": at, "note": note,
        "calling": calling,
    }  # fmt: skip


@register.inclusion_tag("components/rung.html")
def rung(
    step: str,
    title: str,
    text: str = "",
    kind: str = "",
    icon: str = "",
    word: str = "",
    at: datetime | None = None,
    form: str = "clock",
) -> Shown:
    """Show one level of an escalation, inside `<ol class="ladder">`. `step` is "done", "now" or "next"."""
    return {
        "step": step, "title": title, "text": text, "kind": kind, "icon": icon, "word": word, "at": at, "form": form,
    }  # fmt: skip


@register.inclusion_tag("components/path.html")
def path(steps: Iterable[Mapping[str, Any]], label: str = "") -> Shown:
    """Show how far something has come: steps of `label`, `state` ("done", "now", "next") and maybe `at`."""
    return {"steps": steps, "label": label}


@register.inclusion_tag("components/pager.html")
def pager(newer: str = "", older: str = "", text: str = "") -> Shown:
    """Lead to newer and older entries; an empty address leaves that side out."""
    return {"newer": newer, "older": older, "text": text}


@register.inclusion_tag("components/tabs.html")
def tabs(label: str, entries: Iterable[Mapping[str, Any]]) -> Shown:
    """Lead to neighbouring lists: entries of `label`, `url`, `current` and maybe `count`."""
    return {"label": label, "tabs": entries}


@register.inclusion_tag("components/confirm.html", takes_context=True)
def confirm(
    context: Context,
    *,
    id: str,
    word: str,
    title: str,
    action: str,
    text: str = "",
    kind: str = "",
    css: str = "",
    icon: str = "",
    confirm: str = "",
    form: forms.BaseForm | None = None,
    name: str = "",
    value: str = "",
    hold: bool = False,
) -> Shown:
    """Draw a button that asks again on a sheet, without any script.

    `word` is on the button and `confirm` on the one that posts to `action`; `title` and `text` say what will happen;
    `form` adds fields; `name` and `value` are posted along; `hold` wants the last button held, or pressed twice.
    """
    return {
        "csrf_token": context.get("csrf_token"), "id": id, "word": word, "title": title, "action": action,
        "text": text, "kind": kind, "css": css, "icon": icon, "confirm": confirm, "form": form, "name": name,
        "value": value, "hold": hold,
    }  # fmt: skip
