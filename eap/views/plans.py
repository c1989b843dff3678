"""`/plans/`: which plans there are, what one says, what each version of it said."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from eap.format.compare import compare, rows
from eap.format.problems import errors
from eap.models import Plan, PlanVersion
from eap.operations.plans.review import may_review
from eap.plan_queries import access_plan, access_version, likely_to_hurt, listed_plans, read_among_plans
from eap.start_screen import starts_of
from engine import clock
from people.doors import signed_in
from people.models import Person
from people.permissions import ADMINISTER, AUDIT, READ, REVIEW_PLAN, RUN_PLAN, WRITE_PLAN, may

VERSIONS_SHOWN: Final = 20


@require_safe
@signed_in(READ)
def plans(request: HttpRequest, person: Person) -> HttpResponse:
    """List the plans by title."""
    words, archived = request.GET.get("q", "").strip(), request.GET.get("show") == "archived"
    today = clock.now().date()
    found = [
        {
            "plan": plan,
            "under_work": next(iter(plan.under_work), None),  # type: ignore[attr-defined]
            "late": plan.review_by is not None and plan.review_by < today,
        }
        for plan in listed_plans(words=words, archived=archived)
    ]
    context = {
        "found": found,
        "words": words,
        "archived": archived,
        "tabs": [
            {"label": _("In use"), "url": "?", "current": not archived},
            {"label": _("Archived"), "url": "?show=archived", "current": archived},
        ],
        "may_write": may(person, WRITE_PLAN),
    }
    return render(request, "eap/plans/list.html", context)


@require_safe
@signed_in(READ)
def plan(request: HttpRequest, person: Person, plan_key: str) -> HttpResponse:
    """Show what a plan says today, its versions, and what can be done with it."""
    found = access_plan(plan_key)
    versions = list(found.versions.select_related("created_by").defer("text", "document")[:VERSIONS_SHOWN])
    now = clock.now()
    context = {
        "plan": found,
        "version": found.published,
        "document": found.published.read() if found.published else None,
        "versions": versions,
        "under_work": next((version for version in versions if version.state in PlanVersion.OPEN), None),
        "late": found.review_by is not None and found.review_by < now.date(),
        "may_write": may(person, WRITE_PLAN),
        "may_print": may(person, RUN_PLAN),
        "may_archive": may(person, REVIEW_PLAN),
        "starts": starts_of(found, person),
        "may_start": may(person, RUN_PLAN) and found.archived_at is None,
        "may_hook": may(person, ADMINISTER) and found.archived_at is None,
        "may_audit": may(person, AUDIT),
    }
    return render(request, "eap/plans/plan.html", context)


@require_safe
@signed_in(READ)
def plan_version(request: HttpRequest, person: Person, plan_key: str, version_number: int) -> HttpResponse:
    """Show one version: what is different from before, what is wrong with it, who may do what with it now."""
    version = access_version(plan_key, version_number)
    given = request.GET.get("against", "")
    other = _other(version, given)
    return render(request, "eap/plans/version.html", version_context(version, other, person, clock.now()))


def version_context(version: PlanVersion, other: PlanVersion | None, person: Person, now: datetime) -> dict[str, Any]:
    """Return what the page of a version shows."""
    reading = read_among_plans(version.text)
    in_review = version.state == PlanVersion.State.IN_REVIEW
    others = version.plan.versions.exclude(pk=version.pk).defer("text", "document")[:VERSIONS_SHOWN]
    return {
        "plan": version.plan,
        "version": version,
        "document": reading.document,
        "errors": errors(reading.problems),
        "warnings": likely_to_hurt(reading, now=now),
        "other": other,
        "others": others,
        "comparison": _comparison(version, other),
        "rows": rows(other.text, version.text) if other else [],
        "reviews": version.reviews.select_related("person"),
        "writers": [edit.person.name for edit in version.edits.select_related("person").order_by("at")],
        "may_write": may(person, WRITE_PLAN),
        "may_print": may(person, RUN_PLAN),
        "may_review": in_review and may(person, REVIEW_PLAN) and may_review(version, person),
        "wrote_it": in_review and may(person, REVIEW_PLAN) and not may_review(version, person),
    }


def _other(version: PlanVersion, given: str) -> PlanVersion | None:
    """Return the version to compare with: the one asked for, else what it was based on, else the one before."""
    versions = version.plan.versions
    if given.isascii() and given.isdigit() and len(given) < 7:
        return versions.filter(number=int(given)).first()
    return version.based_on or versions.filter(number__lt=version.number).first()


def _comparison(version: PlanVersion, other: PlanVersion | None) -> object:
    if other is None or other.document is None or version.document is None:
        return None
    return compare(other.read(), version.read())


@require_safe
@signed_in(READ)
def plan_export(_request: HttpRequest, _person: Person, plan_key: str, version_number: int) -> HttpResponse:
    """Give a version's YAML as a file, as it was written."""
    version = access_version(plan_key, version_number)
    answer = HttpResponse(version.text, content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{version.plan.key}-{version.number}.yaml"'
    return answer


@require_safe
@signed_in(READ)
def plan_schema(_request: HttpRequest, _person: Person) -> HttpResponse:
    """Give the format's JSON Schema, for editors."""
    from eap.format.schema import FILE

    answer = HttpResponse(FILE.read_bytes(), content_type="application/schema+json")
    answer["Content-Disposition"] = 'attachment; filename="plan.schema.json"'
    return answer


def to_version(version: PlanVersion) -> HttpResponseRedirect:
    """Lead to a version's page."""
    return HttpResponseRedirect(reverse("plan_version", args=[version.plan.key, version.number]))


def to_plan(plan: Plan) -> HttpResponseRedirect:
    """Lead to a plan's page."""
    return HttpResponseRedirect(reverse("plan", args=[plan.key]))
