"""How somebody is reached, on their page; administrators add and remove contact methods for them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from engine import clock
from notifications.channels.registry import channel
from notifications.contact_forms import AddContactForm, name_of
from notifications.models import ContactMethod
from notifications.operations.add_contact_method import add_contact_method
from notifications.operations.remove_contact_method import remove_contact_method
from notifications.operations.verify_contact_method import send_verification_code
from people.actors import actor_for
from people.doors import signed_in
from people.editing import Editor, edit
from people.models import Person
from people.operations.phone_pin import has_pin
from people.permissions import ADMINISTER, may
from people.views.people import access_person
from web.errors import NotFound


def contacts_of(request: HttpRequest, shown: Person) -> str:
    """Return the part of a person's page that tells how they are reached: to themselves and to administrators."""
    reader = request.user
    assert isinstance(reader, Person)  # noqa: S101  (the page's door let them in)
    administers = may(reader, ADMINISTER)
    if not administers and reader != shown:
        return ""
    methods = [(method, name_of(method)) for method in ContactMethod.objects.filter(person=shown)]
    context = {
        "shown": shown,
        "methods": methods,
        "has_pin": has_pin(shown),
        "may_administer": administers,
        "own": reader == shown,
    }
    return render_to_string("notifications/settings/contacts.html", context, request)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def person_contact_add(request: HttpRequest, person: Person, person_id: UUID) -> HttpResponse:
    """Add a way to reach somebody and send it a code, which they enter themselves."""
    shown = access_person(person_id)
    form = AddContactForm(request.POST or None)
    by = actor_for(person, via="web")

    def save(given: dict[str, Any]) -> None:
        now = clock.now()
        method = add_contact_method(
            person=shown, kind=given["kind"], address=given["address"], label=given["label"], by=by, now=now
        )
        if channel(method.channel).needs_verification:
            send_verification_code(contact_method_id=method.pk, by=by, now=now)

    editor = Editor(
        title=_("A way to reach {name}").format(name=shown.name),
        intro=_("A code is sent to it. They enter it under “How I am reached”, which proves that it is theirs."),
        back=reverse("person", args=[shown.pk]),
        said=_("Added. A code is on its way to it."),
    )
    return edit(request, form, editor, save=save)


@require_POST
@signed_in(ADMINISTER)
def person_contact_remove(request: HttpRequest, person: Person, person_id: UUID, method_id: UUID) -> HttpResponse:
    """Take away a way to reach somebody."""
    method = ContactMethod.objects.filter(pk=method_id, person_id=person_id).first()
    if method is None:
        raise NotFound(_("There is no such contact method; perhaps it was removed already."))
    with transaction.atomic():
        remove_contact_method(contact_method_id=method.pk, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("Removed."))
    return HttpResponseRedirect(reverse("person", args=[person_id]))
