"""What is typed to find deliveries, and what it means."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.channels.registry import all_carriers, all_channels
from notifications.deliveries_search import Search
from notifications.models import Delivery
from people.models import Person

NARROW: Final = ("channel", "provider", "result", "code", "address", "since", "until")
MOMENT: Final = "%Y-%m-%dT%H:%M"
RESULTS: Final[dict[str, tuple[str, str, str | Promise]]] = {
    "accepted": ("ok", "check", gettext_lazy("The provider took it")),
    "delivered": ("ok", "check", gettext_lazy("It arrived")),
    "found": ("ok", "check", gettext_lazy("Asked later: the provider had it")),
    "not_found": ("watch", "search", gettext_lazy("Asked later: the provider did not have it")),
    "temporary": ("watch", "refresh", gettext_lazy("Failed for the moment; tried again")),
    "unknown": ("watch", "question", gettext_lazy("No answer; nobody knows whether it went out")),
    "no_receipt": ("watch", "hourglass", gettext_lazy("The provider held it up")),
    "permanent": ("bad", "cross", gettext_lazy("Failed for good")),
}
"""A try's result → kind of state, icon and words. A provider's own later word stays as it is."""


class _When(forms.DateTimeField):
    """A minute in the reader's zone, as browsers send it."""

    def __init__(self, *, label: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)
        super().__init__(label=label, required=False, widget=widget)


class DeliveryFilter(forms.Form):
    """Which deliveries to show: of whom, in which state, about what (words of its title), by whom, when, how."""

    person = forms.ModelChoiceField(
        label=gettext_lazy("Person"),
        queryset=Person.objects.get_queryset().none(),
        required=False,
        empty_label=gettext_lazy("Everybody"),
    )
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    about = forms.CharField(label=gettext_lazy("Incident"), required=False, max_length=100)
    page = forms.UUIDField(required=False, widget=forms.HiddenInput)
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), required=False)
    provider = forms.ChoiceField(label=gettext_lazy("Provider"), required=False)
    result = forms.ChoiceField(label=gettext_lazy("A try ended as"), required=False)
    code = forms.CharField(label=gettext_lazy("Code"), required=False, max_length=20)
    address = forms.CharField(label=gettext_lazy("Part of the address"), required=False, max_length=100)
    since = _When(label=gettext_lazy("Written from"))
    until = _When(label=gettext_lazy("Written before"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = Person.objects.get_queryset()  # type: ignore[attr-defined]
        every = ("", _("All"))
        kinds = [(each.kind, str(each.label)) for each in all_channels()]
        providers = [(name, name) for name in sorted({each.provider for each in all_carriers()})]
        results = [(name, str(words)) for name, (_kind, _icon, words) in RESULTS.items()]
        for name, choices in (
            ("state", list(Delivery.State.choices)),
            ("channel", kinds),
            ("provider", providers),
            ("result", results),
        ):
            self.fields[name].choices = [every, *choices]  # type: ignore[attr-defined]

    @property
    def narrow_fields(self) -> list[forms.BoundField]:
        """Return the less usual fields."""
        return [self[name] for name in NARROW]

    @property
    def is_narrow(self) -> bool:
        """Tell whether one of the less usual fields asks something: then they are shown."""
        return any(self.data.get(name) for name in NARROW)

    def search(self) -> Search:
        """Return what was asked for; a field that holds nonsense asks nothing, and says so beside it."""
        self.full_clean()
        given = dict(self.cleaned_data)
        page = given.pop("page", None)
        return Search(**{name: value for name, value in given.items() if value}, pages=[page] if page else None)
