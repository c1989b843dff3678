"""`/keys/<id>/mapping/`: what of a tool's JSON is what, tried on a body before it is saved."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from engine import clock
from intake.mapping_form import SAMPLE_LENGTH, MappingForm
from intake.models import Event, IntegrationKey, Quarantined
from intake.operations.map_webhook import map_webhook
from intake.rules.mapping import WebhookMapping, faults_of_mapping
from intake.rules.parsed import NotUnderstood
from intake.rules.webhook import Reading, read_webhook
from intake.rules.webhook_body import read_webhook_body
from intake.rules.webhook_shapes import SHAPES
from people.actors import actor_for
from people.doors import signed_in
from people.editing import Editor, attempt
from people.models import Person
from people.permissions import ADMINISTER
from web.errors import NotFound


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def key_mapping(request: HttpRequest, person: Person, key_id: int) -> HttpResponse:
    """Set a key's mapping; "Try it" saves nothing and shows what would come of the body."""
    key = IntegrationKey.objects.filter(pk=key_id, kind=IntegrationKey.Kind.WEBHOOK).first()
    if key is None:
        raise NotFound(_("There is no such key for any JSON."))
    data = request.POST if request.method == "POST" else None
    form = MappingForm(data, mapping=_start(key, request.GET.get("like", "")), sample=_newest_body(key))
    saves = data is not None and "try" not in data
    valid = form.is_valid()
    if saves and valid and attempt(form, lambda _given: _save(key, form.as_mapping(), person)) is not None:
        messages.success(request, _("The mapping is saved. The next body is read by it."))
        return HttpResponseRedirect(reverse("key", args=[key.pk]))
    if valid and not saves:
        for name, sentence in faults_of_mapping(form.as_mapping()).items():
            form.add_error(name, sentence)
    reading, refusal = _tried(form) if data is not None and not form.errors else (None, "")
    editor = Editor(
        title=_("How “{name}” is read").format(name=key.name),
        intro=_(
            "What is left empty is read as a known tool says it, else looked for under the names that most tools use."
        ),
        back=reverse("key", args=[key.pk]),
        said="",
    )
    context = {"form": form, "editor": editor, "reading": reading, "refusal": refusal, "shapes": SHAPES}
    return render(request, "intake/mapping.html", context, status=422 if form.errors else 200)


def _start(key: IntegrationKey, like: str) -> WebhookMapping:
    """Return what the form begins with: a known tool's mapping where one is chosen, else the key's own."""
    chosen = next((shape.mapping for shape in SHAPES if shape.key == like), None)
    return chosen or WebhookMapping.of_stored(key.mapping)


def _newest_body(key: IntegrationKey) -> str:
    """Return what came by the key last, understood or not; "" when nothing did."""
    event = Event.objects.filter(integration=key).values_list("received_at", "raw").first()
    rows = Quarantined.objects.filter(integration=key).exclude(body=b"")
    rejected = rows.values_list("received_at", "body").first()
    if rejected is not None and (event is None or rejected[0] >= event[0]):
        return bytes(rejected[1]).decode(errors="replace")
    return json.dumps(event[1], indent=2, ensure_ascii=False)[:SAMPLE_LENGTH] if event is not None else ""


def _save(key: IntegrationKey, mapping: WebhookMapping, person: Person) -> None:
    map_webhook(key_id=key.pk, mapping=mapping, by=actor_for(person, via="web"), now=clock.now())


def _tried(form: MappingForm) -> tuple[Reading | None, str]:
    """Return what comes of the body, or why nothing does."""
    sample = form.cleaned_data["sample"].strip()
    if not sample:
        return None, _("Paste a body to try it on.")
    try:
        return read_webhook(read_webhook_body(sample.encode()), form.as_mapping()), ""
    except NotUnderstood as error:
        return None, " ".join(error.errors)
    except ValueError as error:
        return None, str(error)
