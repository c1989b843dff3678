"""One update: read as customers will, approved by a second person, published."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from engine import clock
from people.actors import actor_for
from people.doors import signed_in
from people.models import Person
from people.permissions import APPROVE_UPDATE, DRAFT_UPDATE, READ, may
from statuspage.doors import access_update, sees_incident_behind
from statuspage.models import StatusUpdate
from statuspage.operations.approve_update import approve_update
from statuspage.operations.open_override import LONGEST_MIN, open_override, override_of
from statuspage.operations.publish_update import publish_update
from statuspage.reviewing import review
from statuspage.rules.languages import LANGUAGES
from statuspage.subscribers.preview import preview_mail, preview_sms
from statuspage.views.previews import language_of
from web.errors import BadInput

SOON: Final = timedelta(minutes=5)
"""A promise that is nearer than this when somebody reads the draft will hardly be kept."""


class OverrideForm(forms.Form):
    """Why one person publishes alone, and for how long they may."""

    reason = forms.CharField(
        label=gettext_lazy("Why can nobody else approve now?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("It stays in the ledger, and everybody who may approve sees it."),
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("For how many minutes"), min_value=1, max_value=LONGEST_MIN, initial=15
    )


class ReasonForm(forms.Form):
    """Why this update goes out without a second person, while an override is open."""

    reason = forms.CharField(
        label=gettext_lazy("Why does this update go out alone?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@require_safe
@signed_in(READ)
def status_update(request: HttpRequest, person: Person, update_id: str) -> HttpResponse:
    """Show everything that customers will see or saw, with the one thing to do at the thumb."""
    update, now = access_update(person, update_id), clock.now()
    found = review(update, person=person, now=now)
    promise = update.next_update_at
    context = {
        "update": update,
        "public": update.public_incident,
        "page": update.public_incident.page,
        "review": found,
        "waits": update.state in ("draft", "approved"),
        "late_promise": update.state in ("draft", "approved") and promise is not None and promise < now + SOON,
        "may_draft": may(person, DRAFT_UPDATE),
        "may_publish_at_all": may(person, APPROVE_UPDATE),
        "previews": _previews(request, update),
        "language_chosen": "language" in request.GET,
        "sees_incident": sees_incident_behind(person, update.public_incident),
        "override_form": OverrideForm(auto_id="override-%s"),
        "reason_form": ReasonForm(
            auto_id="alone-%s", initial={"reason": found.override.reason if found.override else ""}
        ),
    }
    return render(request, "statuspage/staff/update.html", context)


@require_POST
@signed_in(APPROVE_UPDATE)
def status_update_approve(request: HttpRequest, person: Person, update_id: str) -> HttpResponse:
    """Approve what the digest stands for; with `publish` let it out in the same move."""
    update, by, now = access_update(person, update_id), actor_for(person, via="web"), clock.now()
    with transaction.atomic():
        approve_update(update=update, digest=request.POST.get("digest", ""), person=person, by=by, now=now)
        if "publish" in request.POST:
            publish_update(update=update, person=person, by=by, now=now)
    if "publish" in request.POST:
        return _published(request, update)
    messages.success(request, _("Approved. It goes out when somebody publishes it."))
    return HttpResponseRedirect(reverse("status_update", args=[update.pk]))


@require_POST
@signed_in(APPROVE_UPDATE)
def status_update_publish(request: HttpRequest, person: Person, update_id: str) -> HttpResponse:
    """Publish what may go out: approved, of a severity that needs no approval, or by one's open override."""
    update = access_update(person, update_id)
    with transaction.atomic():
        publish_update(
            update=update,
            person=person,
            override_reason=request.POST.get("reason", ""),
            by=actor_for(person, via="web"),
            now=clock.now(),
        )
    return _published(request, update)


@require_POST
@signed_in(APPROVE_UPDATE)
def status_update_alone(request: HttpRequest, person: Person, update_id: str) -> HttpResponse:
    """In an emergency: open an override and publish without a second person, in one move, with a reason."""
    update, by, now = access_update(person, update_id), actor_for(person, via="web"), clock.now()
    form = OverrideForm(request.POST)
    if not form.is_valid():
        errors = {name: str(found[0]) for name, found in form.errors.items()}
        raise BadInput(_("Not published: {why}").format(why=" ".join(errors.values())), errors=errors)
    given = form.cleaned_data
    with transaction.atomic():
        if override_of(person, now=now) is None:
            open_override(person=person, reason=given["reason"], minutes=given["minutes"], by=by, now=now)
        publish_update(update=update, person=person, override_reason=given["reason"], by=by, now=now)
    return _published(request, update)


def _previews(request: HttpRequest, update: StatusUpdate) -> dict[str, Any]:
    """Return the update as page, mail and SMS in one language; nothing for one that customers never saw."""
    if update.state == StatusUpdate.State.DISCARDED:
        return {}
    page = update.public_incident.page
    language = language_of(request, page)
    codes = dict.fromkeys((page.language, *page.languages))
    found: dict[str, Any] = {
        "language": language,
        "languages": [(code, LANGUAGES.get(code, code)) for code in codes],
        "as_page": update.state != StatusUpdate.State.PUBLISHED,
    }
    if update.deliver:
        subject, _text, _html = preview_mail(update, language)
        sms, segments = preview_sms(update, language)
        found |= {"subject": subject, "sms": sms, "segments": segments}
    return found


def _published(request: HttpRequest, update: StatusUpdate) -> HttpResponse:
    messages.success(request, _("Published. The page shows it within seconds."))
    return HttpResponseRedirect(reverse("status_incident", args=[update.public_incident_id]))
