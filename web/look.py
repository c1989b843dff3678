"""The language of the screens on one page, `/look/`: every part with realistic content.

Those who write a screen copy from it; the browser tests check it for contrast, names, console errors and weight.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from web import icons

_SEVERITIES: Final = [
    ("SEV1", gettext_lazy("SEV1: customers' data or most services are at risk")),
    ("SEV2", gettext_lazy("SEV2: one service is down for many")),
    ("SEV3", gettext_lazy("SEV3: something limps, no customer is stuck")),
]


class Sample(forms.Form):
    """Each kind of input, one of them wrong."""

    title = forms.CharField(
        label=gettext_lazy("What happens?"), help_text=gettext_lazy("One sentence, as you would say it on the phone.")
    )
    severity = forms.ChoiceField(
        label=gettext_lazy("How bad is it?"), choices=_SEVERITIES, widget=forms.RadioSelect, initial="SEV2"
    )
    service = forms.ChoiceField(
        label=gettext_lazy("Service"),
        choices=[("mail", "E-mail"), ("ftp", "FTP and SSH"), ("vps", "VPS")],
        required=False,
    )
    phone = forms.CharField(label=gettext_lazy("Phone number"))
    summary = forms.CharField(label=gettext_lazy("What you know"), widget=forms.Textarea, required=False)
    private = forms.BooleanField(
        label=gettext_lazy("Only people who are called may see it"),
        help_text=gettext_lazy("For matters of law and of staff."),
        required=False,
    )

    def clean_phone(self) -> str:
        """Accept numbers in E.164 alone."""
        number: str = self.cleaned_data["phone"]
        if not number.startswith("+"):
            raise forms.ValidationError(_("Write the number with its country, such as +49 30 1234567."))
        return number


def _minutes_ago(minutes: float) -> object:
    return timezone.now() - timedelta(minutes=minutes)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def look(request: HttpRequest) -> HttpResponse:
    """Show every part. A post changes nothing and answers with a message, as every form of the product does."""
    if request.method == "POST":
        messages.success(request, _("Done. This page only shows, so nothing has changed."))
        messages.warning(request, _("A message may also warn."))
        return HttpResponseRedirect(request.path)
    sample = Sample({"title": "Customer database read from outside", "severity": "SEV1", "phone": "030 1234567"})
    moments = {name: _minutes_ago(minutes) for name, minutes in _TIMES.items()}
    context = {"form": sample, "when": moments, "steps": _steps(moments)}
    return render(request, "look/index.html", context)


@login_required
@require_safe
def look_icons(request: HttpRequest) -> HttpResponse:
    """Show every icon with the name a template calls it by."""
    return render(request, "look/icons.html", {"icons": sorted(icons.names())})


_TIMES: Final[dict[str, float]] = {
    "began": 41,
    "declared": 16.5,
    "mustered": 14,
    "called": 2.6,
    "confirmed": 15.2,
    "note": 3,
    "yesterday": 1_500,
    "soon": -4.2,
    "promised": -17,
    "overdue": 0.55,
}
"""Minutes before now at which the things on the page happened; negative ones are still to come."""


def _steps(at: dict[str, object]) -> list[dict[str, object]]:
    return [
        {"label": _("Detected"), "state": "done", "at": at["began"]},
        {"label": _("Mustered"), "state": "done", "at": at["mustered"]},
        {"label": _("Contain"), "state": "now"},
        {"label": _("Eradicate"), "state": "next"},
        {"label": _("Recover"), "state": "next"},
        {"label": _("Closed"), "state": "next"},
    ]
