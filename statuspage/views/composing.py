"""What every screen that writes a draft does alike: which page, what was typed, a prepared text put in, the way on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from statuspage.drafting import Prepared
from statuspage.models import StatusPage, StatusUpdate

PREFIX: Final = "component_"


def page_of(request: HttpRequest) -> StatusPage | None:
    """Return the page that `?page=` names, the only one there is, or None when somebody has to choose."""
    pages = list(StatusPage.objects.filter(archived_at=None).defer("logo").order_by("slug")[:50])
    wanted = request.GET.get("page", "")
    chosen = next((page for page in pages if page.pk == wanted), None)
    return chosen or (pages[0] if len(pages) == 1 else None)


def choose_page(request: HttpRequest) -> HttpResponse:
    """Ask which page it is about; the address comes back with the answer and everything else it carried."""
    pages = StatusPage.objects.filter(archived_at=None).defer("logo").order_by("slug")
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {"pages": pages, "kept": kept.urlencode(), "hub": reverse("status_pages")}
    return render(request, "statuspage/staff/choose_page.html", context)


def posted(request: HttpRequest) -> Any:
    """Return what was sent to be saved; None while somebody only looks, or takes a prepared text."""
    return request.POST if request.method == "POST" and "use" not in request.POST else None


def typed(request: HttpRequest, initial: Mapping[str, Any], prepared: Sequence[Prepared]) -> dict[str, Any]:
    """Return what the form begins with: what was typed so far, with the prepared text that was asked for."""
    if "use" not in request.POST:
        return dict(initial)
    so_far: dict[str, Any] = {name: request.POST.get(name) for name in request.POST}
    chosen = [each for each in prepared if each.template_id == request.POST["use"]] or list(prepared)
    return {**so_far, "deliver": "deliver" in request.POST, **(chosen[0].initial if chosen else {})}


def spoken_of(request: HttpRequest, known: Mapping[str, str]) -> list[str]:
    """Return the components that a prepared text names: those chosen on the form, else those known so far."""
    given = {name.removeprefix(PREFIX): status for name, status in request.POST.items() if name.startswith(PREFIX)}
    return [pk for pk, status in given.items() if status not in ("", "operational")] or list(known)


def drafted(request: HttpRequest, update: StatusUpdate) -> HttpResponse:
    """Lead to the draft as customers will read it."""
    messages.success(request, _("Drafted. Look at it as customers will, then let it be approved."))
    return HttpResponseRedirect(reverse("status_update", args=[update.pk]))
