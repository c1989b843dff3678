"""What is prepared in calm times: texts, who must agree for which severity, and who went without."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engine import clock
from incidents.models import IncidentType
from people.actors import actor_for
from people.doors import signed_in
from people.editing import Editor, edit
from people.models import Person
from people.permissions import ADMINISTER, APPROVE_UPDATE, READ, may
from statuspage.forms_wording import PublishingPolicyForm, TemplateForm
from statuspage.models import EmergencyOverride, PublishingPolicy, StatusUpdate, UpdateTemplate
from statuspage.operations.wording import archive_template, restore_template, save_publishing_policy, save_template
from statuspage.rules.languages import LANGUAGES
from statuspage.rules.wording import PLACEHOLDERS
from web.errors import NotFound

NEWEST: Final = 50


@require_safe
@signed_in(READ)
def status_templates(request: HttpRequest, person: Person) -> HttpResponse:
    """List the prepared texts by kind of incident, with the languages that each is written in."""
    found = UpdateTemplate.objects.filter(archived_at=None).order_by("incident_type", "stage", "label")
    context = {
        "kinds": list(_by_kind(list(found))),
        "archived": UpdateTemplate.objects.exclude(archived_at=None),
        "languages": LANGUAGES,
        "may_write": may(person, APPROVE_UPDATE),
    }
    return render(request, "statuspage/staff/templates.html", context)


def _by_kind(templates: list[UpdateTemplate]) -> Iterator[tuple[str, list[UpdateTemplate]]]:
    for kind, rows in groupby(templates, key=lambda template: template.incident_type):
        yield (str(IncidentType(kind).label) if kind else _("Any kind")), list(rows)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(APPROVE_UPDATE)
def status_template_edit(request: HttpRequest, person: Person, template_id: str = "") -> HttpResponse:
    """Write a prepared text or change one. Whoever may let an update out may prepare it: Muster uses one by itself."""
    template = _template(template_id) if template_id else None
    form = TemplateForm(request.POST or None, template=template)

    def save(_given: dict[str, Any]) -> None:
        save_template(template=template, **form.given(), by=actor_for(person, via="web"), now=clock.now())

    editor = Editor(
        title=template.label if template else _("New prepared text"),
        intro=_("Filled from what customers may know: {names}. Never from an incident's own title or summary.").format(
            names=", ".join(f"{{{{ {name} }}}}" for name in PLACEHOLDERS)
        ),
        back=reverse("status_templates"),
        said=_("The text is saved."),
        template="statuspage/staff/template_form.html",
        remove_url=reverse("status_template_archive", args=[template.pk]) if template else "",
        remove_word=_("Put it away"),
        remove_text=_("It is no longer offered. You can put it back."),
    )
    return edit(request, form, editor, save=save)


@require_POST
@signed_in(APPROVE_UPDATE)
def status_template_archive(request: HttpRequest, person: Person, template_id: str) -> HttpResponse:
    """Offer a text no longer; the way back is one button on the page it leads to."""
    template = _template(template_id)
    with transaction.atomic():
        archive_template(template=template, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("“{name}” is no longer offered.").format(name=template.label))
    return HttpResponseRedirect(reverse("status_templates"))


@require_POST
@signed_in(APPROVE_UPDATE)
def status_template_restore(request: HttpRequest, person: Person, template_id: str) -> HttpResponse:
    """Offer a text again."""
    template = _template(template_id)
    with transaction.atomic():
        restore_template(template=template, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("“{name}” is offered again.").format(name=template.label))
    return HttpResponseRedirect(reverse("status_templates"))


@require_safe
@signed_in(READ)
def status_policies(request: HttpRequest, person: Person) -> HttpResponse:
    """Show for each severity who must agree and what Muster does by itself; then who published alone."""
    kept = {policy.severity: policy for policy in PublishingPolicy.objects.all()}
    now = clock.now()
    overrides = list(EmergencyOverride.objects.select_related("person").order_by("-since")[:NEWEST])
    alone = StatusUpdate.objects.exclude(override_reason="").select_related("public_incident").order_by("-published_at")
    context = {
        "policies": [kept.get(number) or PublishingPolicy(severity=number) for number in (1, 2, 3, 4, 0)],
        "overrides": [(override, override.until > now) for override in overrides],
        "alone": alone[:NEWEST],
        "may_administer": may(person, ADMINISTER),
    }
    return render(request, "statuspage/staff/policies.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def status_policy_edit(request: HttpRequest, person: Person, severity: int) -> HttpResponse:
    """Set how updates come about for a severity."""
    if severity not in range(5):
        raise NotFound(_("A severity is 1 to 4; 0 stands for updates without an incident behind them."))
    policy = PublishingPolicy.objects.filter(pk=severity).first() or PublishingPolicy(severity=severity)
    form = PublishingPolicyForm(request.POST or None, policy=policy)

    def save(given: dict[str, Any]) -> None:
        save_publishing_policy(severity=severity, **given, by=actor_for(person, via="web"), now=clock.now())

    editor = Editor(
        title=_("Updates about SEV{number}").format(number=severity) if severity else _("Updates without an incident"),
        intro=_("It holds for every draft that is not published yet."),
        back=reverse("status_policies"),
        said=_("The policy is saved."),
    )
    return edit(request, form, editor, save=save)


def _template(template_id: str) -> UpdateTemplate:
    found = UpdateTemplate.objects.filter(pk=template_id).first()
    if found is None:
        raise NotFound(_("There is no such text."))
    return found
