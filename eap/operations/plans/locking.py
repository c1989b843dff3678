"""Rows of a plan, locked in the house's order: the plan first, then its version."""

from __future__ import annotations

from uuid import UUID

from django.db import connection
from django.db.transaction import TransactionManagementError

from eap.models import Plan, PlanVersion
from web.errors import NotFound


def lock_plan(plan_id: UUID | str) -> Plan:
    """Return the plan, locked (`FOR NO KEY UPDATE`). Raises `NotFound`, and outside a transaction an error of ours."""
    if not connection.in_atomic_block:
        raise TransactionManagementError("A plan is changed inside a transaction.")
    plan = Plan.objects.select_for_update(no_key=True, of=("self",)).filter(pk=plan_id).first()
    if plan is None:
        raise NotFound("There is no such plan.")
    return plan


def lock_version(version_id: UUID | str) -> PlanVersion:
    """Return the version with its plan; both are locked, the plan first. Raises `NotFound`."""
    plan_id = PlanVersion.objects.filter(pk=version_id).values_list("plan_id", flat=True).first()
    if plan_id is None:
        raise NotFound("There is no such version.")
    plan = lock_plan(plan_id)
    version = PlanVersion.objects.select_for_update(no_key=True, of=("self",)).filter(pk=version_id).first()
    if version is None:
        raise NotFound("There is no such version.")
    version.plan = plan
    return version


def version_under_work(plan: Plan) -> PlanVersion | None:
    """Return the plan's draft, or what is in review, None when nothing is under work. The plan is locked."""
    return plan.versions.select_for_update(no_key=True).filter(state__in=PlanVersion.OPEN).first()
