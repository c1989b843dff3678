"""What staff type and upload about customers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from statuspage.customers.queries import pages_offered
from statuspage.models import StatusPage


class ImportForm(forms.Form):
    """A file of customers or servers, and the page that they belong to."""

    page = forms.ModelChoiceField(label=_("Status page"), queryset=StatusPage.objects.none(), empty_label=None)
    file = forms.FileField(
        label=_("CSV file"), help_text=_("UTF-8, commas or semicolons, at most 20 MB and 200,000 lines.")
    )
    replace = forms.BooleanField(
        label=_("Remove what the file does not name"),
        required=False,
        help_text=_("You see how many before anything is removed."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pages = self.fields["page"]
        assert isinstance(pages, forms.ModelChoiceField)  # noqa: S101  (declared above)
        pages.queryset = pages_offered()
