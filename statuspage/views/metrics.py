"""Figures that a page shows as charts; their points are pushed by API."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engine import clock
from people.actors import actor_for
from people.doors import signed_in
from people.editing import Editor, edit
from people.models import Person
from people.permissions import ADMINISTER, READ, may
from statuspage.forms_components import MetricForm
from statuspage.models import Metric
from statuspage.operations.metrics import remove_metric, save_metric
from statuspage.views.composing import choose_page, page_of
from web.errors import NotFound


@require_safe
@signed_in(READ)
def status_metrics(request: HttpRequest, person: Person) -> HttpResponse:
    """List the figures of all pages with when each was pushed last, and how to push."""
    found = Metric.objects.filter(page__archived_at=None).select_related("page").defer("page__logo")
    context = {
        "metrics": found.annotate(pushed_at=Max("points__at")).order_by("page__slug", "position", "name"),
        "may_administer": may(person, ADMINISTER),
        "address": request.build_absolute_uri("/api/v1/status/metrics/"),
    }
    return render(request, "statuspage/staff/metrics.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def status_metric_add(request: HttpRequest, person: Person) -> HttpResponse:
    """Name a figure."""
    page = page_of(request)
    if page is None:
        return choose_page(request)
    form = MetricForm(request.POST or None)

    def save(given: dict[str, Any]) -> None:
        save_metric(page=page, **given, by=actor_for(person, via="web"), now=clock.now())

    editor = Editor(
        title=_("New figure on “{page}”").format(page=page.name),
        intro=_("It is shown as a chart once points are pushed."),
        back=reverse("status_metrics"),
        said=_("The figure is there. Push its points by API."),
    )
    return edit(request, form, editor, save=save)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def status_metric_edit(request: HttpRequest, person: Person, metric_id: str) -> HttpResponse:
    """Change how a figure is shown."""
    metric = _metric(metric_id)
    form = MetricForm(request.POST or None, metric=metric)

    def save(given: dict[str, Any]) -> None:
        save_metric(page=metric.page, metric=metric, **given, by=actor_for(person, via="web"), now=clock.now())

    editor = Editor(
        title=metric.name,
        back=reverse("status_metrics"),
        said=_("The figure is saved."),
        remove_url=reverse("status_metric_remove", args=[metric.pk]),
        remove_word=_("Remove the figure"),
        remove_text=_("Its points go with it; nothing brings them back."),
    )
    return edit(request, form, editor, save=save)


@require_POST
@signed_in(ADMINISTER)
def status_metric_remove(request: HttpRequest, person: Person, metric_id: str) -> HttpResponse:
    """Take a figure and its points away."""
    metric = _metric(metric_id)
    with transaction.atomic():
        remove_metric(metric=metric, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("The figure is removed."))
    return HttpResponseRedirect(reverse("status_metrics"))


def _metric(metric_id: str) -> Metric:
    found = Metric.objects.select_related("page").defer("page__logo").filter(pk=metric_id).first()
    if found is None:
        raise NotFound(_("There is no such figure."))
    return found
