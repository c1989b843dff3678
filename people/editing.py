"""How a form of the settings is shown, tried and saved: once for all areas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from psycopg.errors import UniqueViolation

from web.errors import BadInput, IllegalMove, Refusal


@dataclass(frozen=True, kw_only=True)
class Editor:
    """One form on a page: its title, where it leads back to, what is said once it is saved.

    `remove_url` draws a button that asks again with `remove_text`; `more` is what the template needs besides.
    """

    title: str
    back: str
    said: str
    intro: str = ""
    template: str = "settings/form.html"
    remove_url: str = ""
    remove_word: str = ""
    remove_text: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


def edit(
    request: HttpRequest, form: forms.Form, editor: Editor, *, save: Callable[[dict[str, Any]], str | None]
) -> HttpResponse:
    """Show a form; on POST try `save` with what was typed, in one transaction, and lead back.

    `save` may return another address to lead to. What it refuses stands beside its field, and nothing typed is lost.
    """
    if request.method == "POST" and form.is_valid():
        target = attempt(form, save)
        if target is not None:
            messages.success(request, editor.said)
            return HttpResponseRedirect(target or editor.back)
    context = {"form": form, "editor": editor, **editor.more}
    return render(request, editor.template, context, status=422 if form.errors else 200)


def attempt(form: forms.Form, save: Callable[[dict[str, Any]], str | None]) -> str | None:
    """Run `save` in a transaction; return its answer ("" for none), or None when it was refused.

    Two who take the same name at the same moment: the second is told so.
    """
    try:
        with transaction.atomic():
            return save(form.cleaned_data) or ""
    except BadInput as refusal:
        add_refusal(form, refusal)
    except IllegalMove as refusal:
        form.add_error(None, refusal.sentence)
    except IntegrityError as error:
        if not isinstance(error.__cause__, UniqueViolation):
            raise
        form.add_error(None, _("Somebody saved the same at this moment. Look at it, then try again."))
    return None


def add_refusal(form: forms.Form, refusal: Refusal) -> None:
    """Put each sentence of a refusal beside its field, or above the form."""
    errors = refusal.errors if isinstance(refusal, BadInput) else {}
    for name, sentence in errors.items():
        form.add_error(name if name in form.fields else None, sentence)
    if not errors:
        form.add_error(None, refusal.sentence)
