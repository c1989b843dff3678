"""`/deliveries/`: every message, to whom, by what, and what became of it; each attempt in words."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from notifications.doors import visible_deliveries
from notifications.models import Attempt, Delivery
from notifications.registry import subjects
from people.doors import signed_in
from people.models import Person
from people.permissions import AUDIT
from web.errors import NotFound

PER_PAGE: Final = 50
RESULTS: Final = {
    "accepted": ("ok", "check", gettext_lazy("The provider took it")),
    "delivered": ("ok", "check", gettext_lazy("It arrived")),
    "found": ("ok", "check", gettext_lazy("Asked later: the provider had it")),
    "not_found": ("watch", "search", gettext_lazy("Asked later: the provider did not have it")),
    "no_receipt": ("watch", "question", gettext_lazy("Taken, but not passed on in time")),
    "temporary": ("watch", "refresh", gettext_lazy("Failed for the moment; tried again")),
    "unknown": ("watch", "question", gettext_lazy("No answer; nobody knows whether it went out")),
    "permanent": ("bad", "cross", gettext_lazy("Failed for good")),
}


class DeliveryFilter(forms.Form):
    """Which deliveries to show: of whom, in which state, about what (an incident's number or words of its title)."""

    person = forms.ModelChoiceField(
        label=gettext_lazy("Person"),
        queryset=Person.objects.get_queryset().none(),
        required=False,
        empty_label=gettext_lazy("Everybody"),
    )
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    about = forms.CharField(label=gettext_lazy("Incident"), required=False, max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = Person.objects.get_queryset()  # type: ignore[attr-defined]
        self.fields["state"].choices = [("", _("All")), *Delivery.State.choices]  # type: ignore[attr-defined]


@require_safe
@signed_in(AUDIT)
def deliveries(request: HttpRequest, person: Person) -> HttpResponse:
    """List deliveries, newest first, from `before` downward, so that a page stays the same while more come."""
    form = DeliveryFilter(request.GET)
    chosen: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    before = request.GET.get("before", "")
    found = _chosen(visible_deliveries(person).select_related("page"), chosen)
    if before.isascii() and before.isdigit() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found[: PER_PAGE + 1])
    kept = {name: value for name, value in request.GET.items() if name in form.fields and value}
    older = f"?{urlencode({**kept, 'before': rows[PER_PAGE - 1].pk})}" if len(rows) > PER_PAGE else ""
    context = {
        "form": form,
        "rows": [
            (delivery, subjects.words_of(delivery.page) if delivery.page else None) for delivery in rows[:PER_PAGE]
        ],
        "older": older,
        "newer": f"?{urlencode(kept)}" if before else "",
    }
    return render(request, "notifications/settings/deliveries.html", context)


def _chosen(found: QuerySet[Delivery, Delivery], chosen: dict[str, Any]) -> QuerySet[Delivery, Delivery]:
    if chosen.get("person"):
        found = found.filter(person=chosen["person"])
    if chosen.get("state"):
        found = found.filter(state=chosen["state"])
    if chosen.get("about"):
        found = found.filter(page__title__icontains=chosen["about"])
    return found


@require_safe
@signed_in(AUDIT)
def delivery_page(request: HttpRequest, person: Person, delivery_id: int) -> HttpResponse:
    """Show one delivery with every exchange with its provider."""
    delivery = visible_deliveries(person).select_related("page").filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound(_("There is no such delivery; old ones are pruned."))
    context = {
        "delivery": delivery,
        "words": subjects.words_of(delivery.page) if delivery.page else None,
        "attempts": [(attempt, *in_words(attempt)) for attempt in delivery.attempts.all()],
    }
    return render(request, "notifications/settings/delivery.html", context)


def in_words(attempt: Attempt) -> tuple[str, str, str]:
    """Return an attempt's kind of state, icon and word; a provider's own later word stays as it is."""
    kind, icon, word = RESULTS.get(attempt.result, ("calm", "facts", attempt.result))
    return kind, icon, str(word)
