"""How I am reached: contact methods, which is used when, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engine import clock
from notifications.channels.base import Channel
from notifications.channels.registry import UnknownChannel, all_channels, channel
from notifications.contact_forms import DELAYS, AddContactForm, CodeForm, ReaderForm, RuleForm, name_of
from notifications.models import ContactMethod, ContactRule, Delivery, DiscreetCalls, Urgency
from notifications.operations.add_contact_method import add_contact_method
from notifications.operations.change_contact_rules import add_contact_rule, remove_contact_rule
from notifications.operations.remove_contact_method import remove_contact_method
from notifications.operations.send_test_message import send_test_message
from notifications.operations.set_discreet_calls import set_discreet_calls
from notifications.operations.verify_contact_method import confirm_verification_code, send_verification_code
from notifications.rules.reachability import Way, warnings
from people.actors import actor_for
from people.doors import signed_in
from people.models import Person
from people.operations.change_person import change_person
from people.operations.phone_pin import has_pin
from web import moments
from web.errors import BadInput, NotFound

URGENCIES: Final = (Urgency.HIGH, Urgency.LOW)
LAST: Final = (Delivery.Kind.TEST, Delivery.Kind.VERIFICATION)


@dataclass(kw_only=True)
class MyMethod:
    """A contact method as its owner sees it; `channel` is None when nothing here can use it any more."""

    method: ContactMethod
    channel: Channel | None
    last: Delivery | None = None

    @property
    def verifiable(self) -> bool:
        """Tell whether a code should be sent to it."""
        wants = self.channel is not None and self.channel.needs_verification
        return wants and (self.method.verified_at is None or self.method.disabled_at is not None)


@dataclass(frozen=True, kw_only=True)
class RuleStep:
    """One moment of the ladder: what is used then."""

    delay_s: int
    word: str
    rules: list[tuple[ContactRule, str]]

    @property
    def clock(self) -> str:
        """Return the moment as 5:00."""
        return moments.clock(timedelta(seconds=self.delay_s))


@require_safe
@signed_in()
def my_contacts(request: HttpRequest, person: Person) -> HttpResponse:
    """Show every way to reach the reader, what is used when, and warn where a page would not arrive."""
    return _shown(request, person)


@require_POST
@signed_in()
def contact_add(request: HttpRequest, person: Person) -> HttpResponse:
    """Add a contact method and send it a code at once; what is wrong stands beside its field."""
    form = AddContactForm(request.POST)
    if form.is_valid():
        given, by, now = form.cleaned_data, actor_for(person, via="web"), clock.now()
        try:
            with transaction.atomic():
                method = add_contact_method(
                    person=person, kind=given["kind"], address=given["address"], label=given["label"], by=by, now=now
                )
                if channel(method.channel).needs_verification:
                    send_verification_code(contact_method_id=method.pk, by=by, now=now)
        except BadInput as refusal:
            for field, sentence in refusal.errors.items():
                form.add_error(field if field in form.fields else None, sentence)
        else:
            messages.success(request, _("Added. A code is on its way to it."))
            return HttpResponseRedirect(reverse("contact_verify", args=[method.pk]))
    return _shown(request, person, add_form=form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in()
def contact_verify(request: HttpRequest, person: Person, method_id: UUID) -> HttpResponse:
    """Take the code that was sent; "again" sends another one."""
    method = _own(person, method_id)
    by, now = actor_for(person, via="web"), clock.now()
    form = CodeForm(request.POST if "code" in request.POST else None)
    if request.method == "POST" and "again" in request.POST:
        with transaction.atomic():
            send_verification_code(contact_method_id=method.pk, by=by, now=now)
        messages.success(request, _("A code is on its way. It is good for 10 minutes."))
        return HttpResponseRedirect(reverse("contact_verify", args=[method.pk]))
    if request.method == "POST" and form.is_valid():
        try:
            # A wrong guess is counted: it must be kept, so it is no refusal that undoes the transaction.
            with transaction.atomic():
                right = confirm_verification_code(
                    contact_method_id=method.pk, code=form.cleaned_data["code"], by=by, now=now
                )
        except BadInput as refusal:
            form.add_error("code", refusal.sentence)
        else:
            if right:
                messages.success(request, _("Verified. Pages may go there."))
                return HttpResponseRedirect(reverse("my_contacts"))
            form.add_error("code", _("That is not the code. Look again, or ask for a new one."))
    context = {"form": form, "method": method, "name": name_of(method)}
    return render(request, "notifications/verify.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in()
def contact_test(request: HttpRequest, person: Person, method_id: UUID) -> HttpResponse:
    """Send a message that asks for nothing."""
    method = _own(person, method_id)
    with transaction.atomic():
        send_test_message(contact_method_id=method.pk, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("A test is on its way to {name}.").format(name=name_of(method)))
    return _back()


@require_POST
@signed_in()
def contact_remove(request: HttpRequest, person: Person, method_id: UUID) -> HttpResponse:
    """Remove a contact method."""
    method = _own(person, method_id)
    with transaction.atomic():
        remove_contact_method(contact_method_id=method.pk, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("Removed."))
    return _back()


@require_POST
@signed_in()
def rule_add(request: HttpRequest, person: Person) -> HttpResponse:
    """Add a step to one of the two ladders."""
    form = RuleForm(request.POST, person=person)
    if not form.is_valid():
        raise BadInput(_("Choose what is used, and when."))
    given = form.cleaned_data
    with transaction.atomic():
        add_contact_rule(
            contact_method_id=given["contact_method"].pk,
            urgency=given["urgency"],
            delay_s=given["delay_s"],
            redials=given["redials"],
            redial_after_s=given["redial_after_s"],
            by=actor_for(person, via="web"),
            now=clock.now(),
        )
    messages.success(request, _("Saved."))
    return _back()


@require_POST
@signed_in()
def rule_remove(request: HttpRequest, person: Person, rule_id: int) -> HttpResponse:
    """Take a step away."""
    with transaction.atomic():
        remove_contact_rule(rule_id=rule_id, person=person, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("Removed."))
    return _back()


@require_POST
@signed_in()
def reader_save(request: HttpRequest, person: Person) -> HttpResponse:
    """Save the reader's time zone and language, and how much their calls say."""
    form = ReaderForm(request.POST)
    if not form.is_valid():
        return _shown(request, person, reader_form=form, status=422)
    by, now = actor_for(person, via="web"), clock.now()
    given = form.cleaned_data
    with transaction.atomic():
        change_person(person_id=person.pk, by=by, now=now, time_zone=given["time_zone"], language=given["language"])
        set_discreet_calls(person=person, discreet=given["discreet_calls"], by=by, now=now)
    messages.success(request, _("Saved."))
    return _back()


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("my_contacts"))


def _own(person: Person, method_id: UUID) -> ContactMethod:
    method = ContactMethod.objects.filter(pk=method_id, person=person).first()
    if method is None:
        raise NotFound(_("There is no such contact method; perhaps it was removed already."))
    return method


def _shown(request: HttpRequest, person: Person, *, status: int = 200, **forms: Any) -> HttpResponse:
    methods = _methods(person)
    rules = list(ContactRule.objects.filter(person=person).select_related("contact_method"))
    context = {
        "reader": person,
        "methods": methods,
        "has_pin": has_pin(person),
        "panels": [shown for each in all_channels() if (shown := each.panel(person))],
        "warnings": warnings([_way(each, rules) for each in methods]),
        "ladders": [_ladder(urgency, rules, person) for urgency in URGENCIES],
        "add_form": forms.get("add_form") or AddContactForm(),
        "reader_form": forms.get("reader_form")
        or ReaderForm(
            initial={
                "time_zone": person.time_zone,
                "language": person.language,
                "discreet_calls": DiscreetCalls.objects.filter(person=person).exists(),
            }
        ),
    }
    return render(request, "notifications/my_contacts.html", context, status=status)


def _methods(person: Person) -> list[MyMethod]:
    found = [MyMethod(method=each, channel=_channel(each)) for each in ContactMethod.objects.filter(person=person)]
    sent = Delivery.objects.filter(contact_method__in=[each.method.pk for each in found], kind__in=LAST)
    newest = {
        each.contact_method_id: each for each in sent.order_by("contact_method_id", "-id").distinct("contact_method_id")
    }
    for each in found:
        each.last = newest.get(each.method.pk)
    return found


def _channel(method: ContactMethod) -> Channel | None:
    try:
        return channel(method.channel)
    except UnknownChannel:
        return None


def _way(mine: MyMethod, rules: list[ContactRule]) -> Way:
    delays = [r.delay_s for r in rules if r.contact_method_id == mine.method.pk and r.urgency == Urgency.HIGH]
    known = mine.channel
    return Way(
        name=name_of(mine.method),
        channel=mine.method.channel,
        usable=mine.method.usable and known is not None,
        verified=mine.method.verified_at is not None or (known is not None and not known.needs_verification),
        answers=known is not None and known.can_acknowledge,
        rings=known is not None and known.can_withdraw,
        high_delay_s=min(delays, default=None),
    )


def _ladder(urgency: Urgency, rules: list[ContactRule], person: Person) -> dict[str, Any]:
    words = {delay: str(word) for delay, word in DELAYS}
    steps: dict[int, list[tuple[ContactRule, str]]] = {}
    for rule in rules:
        if rule.urgency == urgency:
            steps.setdefault(rule.delay_s, []).append((rule, name_of(rule.contact_method)))
    return {
        "urgency": urgency,
        "steps": [
            RuleStep(delay_s=delay, word=words.get(delay) or _("After {n} s").format(n=delay), rules=steps[delay])
            for delay in sorted(steps)
        ],
        "form": RuleForm(person=person, initial={"urgency": urgency}, auto_id=f"{urgency}-%s"),
    }
