"""Form fields that several areas of the settings share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Choices = Sequence[tuple[Any, Any]]
FREE_PLACES: Final = 3
"""Empty places offered behind the chosen ones; saving offers as many again."""


class SelectsInOrder(forms.Widget):
    """Several selects of one name, one below the other: the first chosen is the first in order. Needs no script."""

    use_fieldset = True

    def __init__(self, *, free_places: int = FREE_PLACES) -> None:
        super().__init__()
        self.choices: Choices = ()
        self.free_places = free_places

    def value_from_datadict(self, data: Any, _files: Any, name: str) -> list[str]:
        """Return what is chosen, in order, without the places left empty."""
        given = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return [value for value in given if value]

    def value_omitted_from_data(self, _data: Any, _files: Any, _name: str) -> bool:
        """Say that empty places are an answer too."""
        return False

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Write the selects, each named by its place."""
        chosen = [str(each) for each in value or []]
        identity = (attrs or {}).get("id") or f"id_{name}"
        selects = [
            forms.Select(
                attrs={
                    "id": identity if place == 0 else f"{identity}_{place}",
                    "aria-label": _("Place {number}").format(number=place + 1),
                },
                choices=[("", "-"), *self.choices],
            ).render(name, each, renderer=renderer)
            for place, each in enumerate([*chosen, *[""] * self.free_places])
        ]
        return format_html('<div class="stack tight">{}</div>', format_html_join("", "{}", ((one,) for one in selects)))

    def id_for_label(self, id_: str, index: str | None = None) -> str:  # noqa: ARG002  (Django's signature)
        """Return nothing: the legend of the field set names the group."""
        return ""


class ChoicesInOrder(forms.Field):
    """A list of choices whose order counts, each at most once."""

    default_error_messages = {
        "unknown": gettext_lazy("One of these can't be chosen any more."),
        "twice": gettext_lazy("Each can stand here once only."),
    }

    def __init__(self, *, choices: Choices, free_places: int = FREE_PLACES, **options: Any) -> None:
        widget = SelectsInOrder(free_places=free_places)
        widget.choices = choices
        super().__init__(widget=widget, **options)
        self._known = set(_values(choices))

    def to_python(self, value: Any) -> list[str]:
        """Return the chosen values as text."""
        return [str(each) for each in value or []]

    def validate(self, value: list[str]) -> None:
        """Refuse values that are not offered, and one that stands twice."""
        super().validate(value)
        if not set(value) <= self._known:
            raise ValidationError(self.error_messages["unknown"], code="unknown")
        if len(set(value)) < len(value):
            raise ValidationError(self.error_messages["twice"], code="twice")

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare as lists of text."""
        return self.to_python(initial) != self.to_python(data)


def _values(choices: Iterable[tuple[Any, Any]]) -> Iterable[str]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _values(label)
        else:
            yield str(value)


class MinutesField(forms.Field):
    """A time that people give in minutes (half ones too) and Python has in whole seconds; None where empty."""

    default_error_messages = {
        "number": gettext_lazy("Enter minutes, such as 5 or 0.5."),
        "range": gettext_lazy("Choose between {least} and {most} minutes."),
    }

    def __init__(self, *, least_s: int = 0, most_s: int = 7 * 86_400, **options: Any) -> None:
        widget = forms.NumberInput(attrs={"min": f"{least_s / 60:g}", "step": "any", "inputmode": "decimal"})
        super().__init__(widget=widget, **options)
        self._least_s, self._most_s = least_s, most_s

    def prepare_value(self, value: Any) -> Any:
        """Write seconds as minutes; what somebody typed stays as it is."""
        return f"{value / 60:g}" if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        """Return whole seconds."""
        if value in self.empty_values:
            return None
        if isinstance(value, int):
            return value
        try:
            seconds = round(float(str(value).strip().replace(",", ".")) * 60)
        except (ValueError, OverflowError):
            raise ValidationError(self.error_messages["number"], code="number") from None
        if not self._least_s <= seconds <= self._most_s:
            sentence = str(self.error_messages["range"])
            limits = {"least": f"{self._least_s / 60:g}", "most": f"{self._most_s / 60:g}"}
            raise ValidationError(sentence.format(**limits), code="range")
        return seconds

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare as seconds; what can't be read has changed."""
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True
