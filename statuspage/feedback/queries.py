"""Reads of feedback: counts that customers see, comments that wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Q, QuerySet

from people.models import Person
from statuspage.doors import visible_public_incidents
from statuspage.models import Comment, Report

COUNTED_FOR: Final = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Reported:
    """How many different places said within the last hour that it affects them, and that it works."""

    affected: int
    works: int


def reported(page_id: str, now: datetime) -> dict[str, Reported]:
    """Return what was said of a page's components within the last hour, by the component's id. One query."""
    rows = (
        Report.objects.filter(component__page=page_id, at__gt=now - COUNTED_FOR, at__lte=now)
        .values_list("component_id")
        .annotate(
            affected=Count("pk", filter=Q(says=Report.Says.AFFECTED)),
            works=Count("pk", filter=Q(says=Report.Says.WORKS)),
        )
        .order_by("component_id")
    )
    return {component: Reported(affected=affected, works=works) for component, affected, works in rows}


def comments_seen_by(person: Person) -> QuerySet[Comment, Comment]:
    """Return the comments that this person may moderate, with what they stand under, newest first."""
    incidents = visible_public_incidents(person).order_by().values("pk")
    found = Comment.objects.filter(public_incident__in=incidents)
    return found.select_related("public_incident__page", "moderated_by").order_by("-pk")


def waiting_comments() -> int:
    """Return how many comments nobody has looked at. One query of a partial index."""
    return Comment.objects.filter(state=Comment.State.WAITING).count()
