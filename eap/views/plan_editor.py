"""Write a plan in the browser: a text, what is wrong with it, and the picture it makes, side by side."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from eap.format.compare import rows
from eap.format.problems import errors
from eap.format.source import MOST_BYTES
from eap.models import PlanVersion
from eap.operations.plans.begin import begin_from_template, begin_from_text
from eap.operations.plans.draft import save_draft
from eap.operations.plans.install import builtins
from eap.operations.plans.review import submit
from eap.plan_queries import access_version, likely_to_hurt, read_among_plans
from eap.views.plans import to_version
from engine import clock
from people.actors import actor_for
from people.doors import signed_in
from people.models import Person
from people.permissions import WRITE_PLAN
from web.errors import BadInput, Refusal

LONGEST: Final = MOST_BYTES + 1
"""What a form takes: one more than a plan may have, so that too long a one is told so and not refused unread."""


class NewPlanForm(forms.Form):
    """Where a plan begins: from the blank page, from one of ours, or from a file."""

    template = forms.ChoiceField(label=gettext_lazy("Begin with"), required=False)
    key = forms.CharField(
        label=gettext_lazy("Key"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Small letters, digits and hyphens, such as restore-web-server. It never changes."),
    )
    file = forms.FileField(
        label=gettext_lazy("Or a file"),
        required=False,
        help_text=gettext_lazy(
            "A plan in YAML. With the key of a plan that exists it becomes that plan's next version."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ours = [(key, builtin.document.title) for key, builtin in builtins().items()]
        field = self.fields["template"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (declared above)
        field.choices = [("", _("An empty plan")), *ours]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(WRITE_PLAN)
def plan_new(request: HttpRequest, person: Person) -> HttpResponse:
    """Begin a plan; the draft opens in the editor."""
    form = NewPlanForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                version = _begin(form.cleaned_data, person)
        except Refusal as refusal:
            named = refusal.errors if isinstance(refusal, BadInput) else {}
            for field, sentence in named.items():
                form.add_error(field if field in form.fields else None, sentence)
            if not named:
                form.add_error(None, refusal.sentence)
        else:
            return HttpResponseRedirect(reverse("plan_edit", args=[version.plan.key, version.number]))
    return render(request, "eap/plans/new.html", {"form": form}, status=422 if form.errors else 200)


def _begin(given: dict[str, Any], person: Person) -> PlanVersion:
    by, now = actor_for(person, via="web"), clock.now()
    if given["file"] is None:
        key = given["key"].strip()
        return begin_from_template(template=given["template"], key=key, person=person, by=by, now=now)
    try:
        text = given["file"].read(LONGEST).decode()
    except UnicodeDecodeError:
        sentence = _("This is no text in UTF-8.")
        raise BadInput(sentence, errors={"file": sentence}) from None
    notes = _("Imported from {name}").format(name=given["file"].name)
    return begin_from_text(text=text, person=person, by=by, now=now, notes=notes)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(WRITE_PLAN)
def plan_edit(request: HttpRequest, person: Person, plan_key: str, version_number: int) -> HttpResponse:
    """Write a draft: check it without saving, save it, or save it and hand it in."""
    version = access_version(plan_key, version_number)
    if request.method != "POST":
        if version.state != PlanVersion.State.DRAFT:
            return to_version(version)
        return _editor(request, version, text=version.text, notes=version.notes)
    text, notes = request.POST.get("text", ""), request.POST.get("notes", "")
    if "check" in request.POST:
        return _editor(request, version, text=text, notes=notes)
    try:
        with transaction.atomic():
            _save(request, version, person, text, notes)
        if "submit" in request.POST:
            # A transaction of its own: what can't be handed in is saved all the same.
            with transaction.atomic():
                submit(version_id=version.pk, person=person, by=actor_for(person, via="web"), now=clock.now())
    except Refusal as refusal:
        # Whatever is wrong, what somebody wrote comes back to them.
        version = access_version(plan_key, version_number)
        return _editor(request, version, text=text, notes=notes, refusal=refusal)
    if "submit" in request.POST:
        messages.success(request, _("Handed in. A second person can publish it now."))
        return to_version(version)
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(request.path)


def _save(request: HttpRequest, version: PlanVersion, person: Person, text: str, notes: str) -> None:
    seen = request.POST.get("revision", "")
    save_draft(
        version_id=version.pk,
        text=text,
        notes=notes,
        revision=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else 0,
        person=person,
        by=actor_for(person, via="web"),
        now=clock.now(),
    )


def _editor(
    request: HttpRequest, version: PlanVersion, *, text: str, notes: str, refusal: Refusal | None = None
) -> HttpResponse:
    """Show the editor with a text. After a clash with another writer both texts are shown side by side."""
    clash = rows(version.text, text) if refusal is not None and version.text != text else []
    context = {
        "plan": version.plan,
        "version": version,
        "text": text,
        "notes": notes,
        "refusal": refusal,
        "clash": clash,
        "draft": version.state == PlanVersion.State.DRAFT,
        **checked(text),
    }
    return render(request, "eap/plans/edit.html", context, status=refusal.status if refusal else 200)


def checked(text: str) -> dict[str, Any]:
    """Return what a text says: document, errors, warnings, each at its line."""
    reading = read_among_plans(text.replace("\r\n", "\n"))
    likely = likely_to_hurt(reading, now=clock.now())
    return {"document": reading.document, "errors": errors(reading.problems), "warnings": likely}


@require_POST
@signed_in(WRITE_PLAN)
def plan_check(request: HttpRequest, _person: Person) -> HttpResponse:
    """Say what is wrong with a text while it is written, and draw it; saves nothing."""
    return render(request, "eap/plans/parts/reading.html", checked(request.POST.get("text", "")))
