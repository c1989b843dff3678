"""`/severities/`: what SEV1 to SEV4 mean, how they page, which leaders they muster."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from engine import clock
from incidents.models import MusterRequirement, SeverityPolicy
from incidents.operations.change_severity_policy import SeverityDraft, change_severity_policy
from incidents.rules.numbers import in_words, severity_name
from incidents.settings_forms import POLICY_FIELDS, SeverityPolicyForm, requirement_forms, severity_draft
from people.actors import actor_for
from people.doors import signed_in
from people.editing import Editor, attempt
from people.models import Person
from people.permissions import ADMINISTER, READ, may
from web.errors import NotFound


@require_safe
@signed_in(READ)
def severities(request: HttpRequest, person: Person) -> HttpResponse:
    """Show the four severities, each with its meaning and its muster in words."""
    policies = {
        policy.severity: policy for policy in SeverityPolicy.objects.prefetch_related("requirements__tier").all()
    }
    shown = [
        (
            number,
            severity_name(number),
            policies.get(number),
            [_in_words(need) for need in _needs(policies.get(number))],
        )
        for number in range(1, 5)
    ]
    context = {"severities": shown, "may_administer": may(person, ADMINISTER)}
    return render(request, "incidents/settings/severities.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def severity_edit(request: HttpRequest, person: Person, severity: int) -> HttpResponse:
    """Write what a severity means, how it pages and whom it musters."""
    if severity not in range(1, 5):
        raise NotFound(_("A severity is 1 to 4."))
    policy = SeverityPolicy.objects.prefetch_related("requirements").filter(pk=severity).first()
    data = request.POST if request.method == "POST" else None
    initial = {name: getattr(policy or SeverityPolicy(severity=severity), name) for name in POLICY_FIELDS}
    form, tiers = SeverityPolicyForm(data, initial=initial), requirement_forms(policy, data)
    # Every form is read, so that every fault is said at once.
    valid = [each.is_valid() for each in (form, *tiers)]
    if data is not None and all(valid):
        draft = severity_draft(form, tiers)
        if attempt(form, lambda _given: _save(severity, draft, person)) is not None:
            messages.success(request, _("{name} is saved.").format(name=severity_name(severity)))
            return HttpResponseRedirect(reverse("severities"))
    editor = Editor(
        title=severity_name(severity),
        intro=_("Musters under way keep what they started with."),
        back=reverse("severities"),
        said="",
    )
    context = {"form": form, "tiers": tiers, "editor": editor}
    return render(request, "incidents/settings/severity.html", context, status=422 if data is not None else 200)


def _save(severity: int, draft: SeverityDraft, person: Person) -> None:
    change_severity_policy(severity=severity, draft=draft, by=actor_for(person, via="web"), now=clock.now())


def _needs(policy: SeverityPolicy | None) -> list[MusterRequirement]:
    return list(policy.requirements.all()) if policy is not None else []


def _in_words(need: MusterRequirement) -> str:
    return _("{tier}: {quorum} within {deadline}; each stand-in has {succession}").format(
        tier=need.tier.name,
        quorum=need.quorum,
        deadline=in_words(need.deadline_s),
        succession=in_words(need.succession_s),
    )
