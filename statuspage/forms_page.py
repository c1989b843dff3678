"""What administrators type about a status page."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from people.forms import zone_choices
from statuspage.models import StatusPage
from statuspage.rules.languages import LANGUAGES

AS_STORED: Final = (
    *("name", "slug", "audience", "headline", "url", "support_url", "language", "languages", "time_zone"),
    *("accent", "accent_dark", "headline_uptime", "takes_subscribers", "takes_feedback"),
)
COLOUR: Final = {"pattern": "#[0-9a-fA-F]{6}", "placeholder": "#0b5fff", "maxlength": "7", "spellcheck": "false"}


class PageForm(forms.Form):
    """A page: who may read it, in which languages, and how it looks. The logo has a form of its own."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("As customers know you, such as “Harbor”."))
    headline = forms.CharField(
        label=_("Sentence below the name"), max_length=300, required=False, help_text=_("Empty: none.")
    )
    audience = forms.ChoiceField(
        label=_("Who may read it"),
        choices=StatusPage.Audience.choices,
        widget=forms.RadioSelect,
        initial=StatusPage.Audience.PUBLIC,
        help_text=_(
            "A secret link can't be guessed and is listed nowhere. A page with a password is served by Muster itself, "
            "so it is gone while Muster is down; all other pages are files that stay up."
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Only for a page that opens by password. Empty: as it is."),
    )
    slug = forms.SlugField(
        label=_("Name in the address"),
        max_length=60,
        required=False,
        help_text=_("Small letters, digits and dashes. Empty: this is the page at the root; there is one."),
    )
    url = forms.URLField(
        label=_("Own address"),
        max_length=300,
        required=False,
        assume_scheme="https",
        help_text=_("Such as https://status.example.com/, where a proxy serves the files. Empty: its usual place."),
    )
    support_url = forms.URLField(
        label=_("Where customers get help"), max_length=300, required=False, assume_scheme="https"
    )
    language = forms.ChoiceField(
        label=_("Main language"),
        choices=list(LANGUAGES.items()),
        initial="en",
        help_text=_("Each update is written in it at least."),
    )
    languages = forms.MultipleChoiceField(
        label=_("Also in"),
        choices=list(LANGUAGES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("All fixed words are there in these languages; updates may be."),
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), initial="UTC", help_text=_("A day of the uptime begins in it."))
    accent = forms.CharField(
        label=_("Colour on white"),
        required=False,
        widget=forms.TextInput(attrs={**COLOUR, "data-colour": "light"}),
        help_text=_("Empty: the usual one."),
    )
    accent_dark = forms.CharField(
        label=_("Colour in the dark"),
        required=False,
        widget=forms.TextInput(attrs={**COLOUR, "data-colour": "dark"}),
        help_text=_("Usually lighter."),
    )
    headline_uptime = forms.ChoiceField(
        label=_("Uptime shown first"), choices=StatusPage.Maintenance.choices, widget=forms.RadioSelect
    )
    takes_subscribers = forms.BooleanField(label=_("Customers can subscribe"), required=False)
    takes_feedback = forms.BooleanField(
        label=_("Customers can say that they are affected, and comment"),
        required=False,
        help_text=_("A comment is shown once somebody of staff lets it through."),
    )

    def __init__(self, *args: Any, page: StatusPage | None = None, **kwargs: Any) -> None:
        shown = page or StatusPage()
        kwargs["initial"] = {**{name: getattr(shown, name) for name in AS_STORED}, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = zone_choices()  # type: ignore[attr-defined]

    def clean_accent(self) -> str:
        """Return the colour in small letters, as it is stored."""
        return str(self.cleaned_data["accent"]).lower()

    def clean_accent_dark(self) -> str:
        """Return the colour in small letters, as it is stored."""
        return str(self.cleaned_data["accent_dark"]).lower()

    def clean_languages(self) -> tuple[str, ...]:
        """Return the further languages in the order in which they are offered."""
        return tuple(self.cleaned_data["languages"])


class LogoForm(forms.Form):
    """A picture for the page's head."""

    logo = forms.FileField(
        label=_("Picture"),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text=_("PNG, JPEG or WebP, 32 KB at most, best 80 pixels high with a clear ground."),
    )
