"""`/policies/`: who is reached, in which order, after how long; each policy told in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engine import clock
from notifications.forms import LevelForms, PolicyForm, draft_of
from notifications.models import EscalationPolicy
from notifications.operations.change_policy import PolicyDraft, add_policy, change_policy, remove_policy
from notifications.queries import freeze_all
from notifications.rules.frozen_policy import FrozenLevel, FrozenPolicy, FrozenTarget, TargetKind
from notifications.rules.policy_words import ending_of, listed, steps_of
from people.actors import actor_for
from people.doors import signed_in
from people.editing import Editor, attempt
from people.models import Person, Schedule, Team, Tier
from people.permissions import ADMINISTER, READ, may
from people.queries import on_call_people, team_people, tier_people
from web.errors import NotFound

Words = dict[str, Any]


def told(policy: FrozenPolicy, *, now: datetime) -> Words:
    """Return a policy in words: its steps with whom they would reach now, and what follows."""
    return {"steps": steps_of(policy, who=lambda target: reached(target, now=now)), "ending": ending_of(policy)}


def reached(target: FrozenTarget, *, now: datetime) -> str:
    """Name a target with the people it stands for now."""
    if target.kind == "person":
        return target.name
    look = {"schedule": on_call_people, "tier": tier_people}
    people = team_people(int(target.id)) if target.kind == "team" else look[target.kind](int(target.id), now)
    names = listed([person.get_short_name() for person in people]) or _("nobody now")
    return _("{name} ({people})").format(name=target.name, people=names)


@require_safe
@signed_in(READ)
def policies(request: HttpRequest, person: Person) -> HttpResponse:
    """List the policies, each told in words."""
    now = clock.now()
    found = list(EscalationPolicy.objects.all())
    frozen = freeze_all(found)
    context = {
        "policies": [(policy, told(frozen[policy.pk], now=now)) for policy in found],
        "may_administer": may(person, ADMINISTER),
    }
    return render(request, "notifications/settings/policies.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def policy_edit(request: HttpRequest, person: Person, policy_id: int | None = None) -> HttpResponse:
    """Make a policy or change one; "Show in words" and "Another level" save nothing and lose nothing."""
    policy = _policy(policy_id) if policy_id is not None else None
    data = request.POST if request.method == "POST" else None
    form, levels = PolicyForm(data, policy=policy), LevelForms(data, policy=policy)
    saves = data is not None and not {"words", "another"} & set(data)
    words: Words | None = None
    if data is not None and form.is_valid() and levels.is_valid():
        draft = draft_of(form, levels)
        if saves and attempt(form, lambda _given: _save(policy, draft, person)) is not None:
            messages.success(request, _("The policy is saved. Pages under way keep the one they started with."))
            return HttpResponseRedirect(reverse("policies"))
        words = told(_frozen(draft), now=clock.now()) if draft.levels else None
    if data is not None and "another" in data:
        levels.add_place()
    editor = Editor(
        title=policy.name if policy else _("New escalation policy"),
        intro=_("Levels are called one after the other. Pages under way keep the policy they started with."),
        back=reverse("policies"),
        said="",
        remove_url=reverse("policy_remove", args=[policy.pk]) if policy else "",
        remove_word=_("Remove the policy"),
        remove_text=_("Pages under way go on. Services that rely on it must be changed first."),
    )
    context = {"form": form, "levels": levels.forms, "words": words, "editor": editor}
    failed = saves or (data is not None and words is None)
    return render(request, "notifications/settings/policy.html", context, status=422 if failed else 200)


def _save(policy: EscalationPolicy | None, draft: PolicyDraft, person: Person) -> None:
    by = actor_for(person, via="web")
    if policy is None:
        add_policy(draft=draft, by=by, now=clock.now())
    else:
        change_policy(policy_id=policy.pk, draft=draft, by=by, now=clock.now())


@require_POST
@signed_in(ADMINISTER)
def policy_remove(request: HttpRequest, person: Person, policy_id: int) -> HttpResponse:
    """Take a policy away."""
    with transaction.atomic():
        remove_policy(policy_id=policy_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("The policy is removed."))
    return HttpResponseRedirect(reverse("policies"))


def _policy(policy_id: int) -> EscalationPolicy:
    found = EscalationPolicy.objects.filter(pk=policy_id).first()
    if found is None:
        raise NotFound(_("There is no such escalation policy."))
    return found


def _frozen(draft: PolicyDraft) -> FrozenPolicy:
    """Return a draft as the policy that a page would carry, to be told in words."""
    names = {
        **{f"person:{pk}": name for pk, name in Person.objects.active().values_list("pk", "name")},
        **{f"schedule:{pk}": name for pk, name in Schedule.objects.values_list("pk", "name")},
        **{f"team:{pk}": name for pk, name in Team.objects.values_list("pk", "name")},
        **{f"tier:{pk}": name for pk, name in Tier.objects.values_list("pk", "name")},
    }
    kinds: dict[str, TargetKind] = {"person": "person", "schedule": "schedule", "team": "team", "tier": "tier"}

    def target(key: str) -> FrozenTarget:
        kind, _separator, id_ = key.partition(":")
        return FrozenTarget(kind=kinds[kind], id=id_, name=names.get(key, ""))

    return FrozenPolicy(
        name=draft.name,
        levels=tuple(
            FrozenLevel(delay_s=level.delay_s, targets=tuple(target(key) for key in level.targets))
            for level in draft.levels
        ),
        rounds=draft.rounds,
        required_acknowledgements=draft.required_acknowledgements,
        remind_after_s=draft.remind_after_s,
        repage_after_s=draft.repage_after_s,
    )
