"""`/rules/`: what follows from an alert, in order; each rule can be tried on recent alerts before it decides."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engine import clock
from intake.forms import OPERATORS, RuleForm, condition_forms, rule_draft
from intake.models import RoutingRule
from intake.operations.change_rule import RuleDraft, add_rule, change_rule, move_rule, remove_rule, switch_rule
from intake.rules.routing import faults
from intake.trial import Trial, try_conditions
from people.actors import actor_for
from people.doors import signed_in
from people.editing import Editor, attempt
from people.models import Person
from people.permissions import ADMINISTER, READ, may
from web.errors import NotFound


@require_safe
@signed_in(READ)
def rules(request: HttpRequest, person: Person) -> HttpResponse:
    """List the rules in the order in which they are asked; the first that fits decides."""
    found = list(RoutingRule.objects.select_related("service"))
    context = {
        "rules": [(rule, [_in_words(condition) for condition in rule.conditions]) for rule in found],
        "catches_all": any(rule.active and not rule.conditions for rule in found),
        "may_administer": may(person, ADMINISTER),
    }
    return render(request, "intake/rules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def rule_edit(request: HttpRequest, person: Person, rule_id: int | None = None) -> HttpResponse:
    """Make a rule or change one; "Try it" and "More conditions" save nothing and lose nothing."""
    rule = _rule(rule_id) if rule_id is not None else None
    data = request.POST if request.method == "POST" else None
    form, conditions = RuleForm(data, rule=rule), condition_forms(rule, data)
    saves = data is not None and not {"try", "more"} & set(data)
    trial: Trial | None = None
    # Every form is read, so that every fault is said at once.
    valid = [each.is_valid() for each in (form, *conditions)]
    if data is not None and all(valid):
        draft = rule_draft(form, conditions)
        if saves and attempt(form, lambda _given: _save(rule, draft, person)) is not None:
            messages.success(request, _("The rule is saved. It decides from the next alert on."))
            return HttpResponseRedirect(reverse("rules"))
        trial = _tried(draft, form, rule)
    if data is not None and "more" in data:
        conditions += condition_forms(None)
        for place, each in enumerate(conditions):
            each.prefix = f"condition-{place}"
    editor = Editor(
        title=rule.name if rule else _("New routing rule"),
        intro=_("The first rule whose conditions all hold decides about an alert."),
        back=reverse("rules"),
        said="",
        remove_url=reverse("rule_remove", args=[rule.pk]) if rule else "",
        remove_word=_("Remove the rule"),
        remove_text=_("Alerts go to the next rule that fits. To stop it for a while, switch it off instead."),
    )
    context = {"form": form, "conditions": conditions, "trial": trial, "editor": editor}
    failed = saves or (data is not None and not all(valid))
    return render(request, "intake/rule.html", context, status=422 if failed else 200)


def _save(rule: RoutingRule | None, draft: RuleDraft, person: Person) -> None:
    by = actor_for(person, via="web")
    if rule is None:
        add_rule(draft=draft, by=by, now=clock.now())
    else:
        change_rule(rule_id=rule.pk, draft=draft, by=by, now=clock.now())


def _tried(draft: RuleDraft, form: RuleForm, rule: RoutingRule | None) -> Trial | None:
    wrong = [sentence for condition in draft.conditions for sentence in faults(condition)]
    if wrong:
        if not form.non_field_errors():
            form.add_error(None, " ".join(wrong))
        return None
    return try_conditions(draft.conditions, rule=rule)


@require_POST
@signed_in(ADMINISTER)
def rule_move(request: HttpRequest, person: Person, rule_id: int) -> HttpResponse:
    """Let a rule change places with its neighbour."""
    up = request.POST.get("way") == "up"
    with transaction.atomic():
        move_rule(rule_id=rule_id, up=up, by=actor_for(person, via="web"), now=clock.now())
    return HttpResponseRedirect(reverse("rules"))


@require_POST
@signed_in(ADMINISTER)
def rule_switch(request: HttpRequest, person: Person, rule_id: int) -> HttpResponse:
    """Switch a rule off, or on again."""
    active = request.POST.get("active") == "yes"
    with transaction.atomic():
        rule = switch_rule(rule_id=rule_id, active=active, by=actor_for(person, via="web"), now=clock.now())
    sentence = _("“{name}” decides again.") if active else _("“{name}” is switched off.")
    messages.success(request, sentence.format(name=rule.name))
    return HttpResponseRedirect(reverse("rules"))


@require_POST
@signed_in(ADMINISTER)
def rule_remove(request: HttpRequest, person: Person, rule_id: int) -> HttpResponse:
    """Take a rule away."""
    with transaction.atomic():
        remove_rule(rule_id=rule_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("The rule is removed."))
    return HttpResponseRedirect(reverse("rules"))


def _rule(rule_id: int) -> RoutingRule:
    found = RoutingRule.objects.filter(pk=rule_id).first()
    if found is None:
        raise NotFound(_("There is no such routing rule."))
    return found


def _in_words(condition: dict[str, object]) -> str:
    value = condition.get("value", "")
    text = ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)
    operator = str(condition.get("is", "equals"))
    word = str(dict(OPERATORS).get(operator, operator)).partition(" (")[0]
    return f"{condition.get('field', '')} {word} “{text}”"
