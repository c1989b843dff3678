"""Resets in the API: make one, follow it, read what proves it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Path

from eap.run_queries import access_run
from engine import clock
from ledger.operations.append import append
from people.api_door import admit
from people.permissions import ADMINISTER, READ, RUN_PLAN
from resets.access import access_reset, visible_resets
from resets.api.answers import exception_out, full_reset_out, report_out, reset_out
from resets.api.shapes import (
    ExceptionOut,
    ExceptionsAsked,
    FullResetOut,
    NoticeBouncedOut,
    NoticeBouncesIn,
    ReportOut,
    ResetIn,
    ResetOut,
    ResetsAsked,
)
from resets.models import Exceptional, System
from resets.notices.operations.note_bounces import note_bounces
from resets.operations.create import create
from resets.operations.save_system import OPEN
from resets.proof.handing_out import Form, handed_out
from web.api import Page, Query, Router, Status, paged
from web.errors import BadInput

router = Router(tags=["resets"])
NOTICES = "settings:reset-notices"


@router.get("/resets", response=Page[ResetOut])
def list_resets(request: HttpRequest, asked: Query[ResetsAsked]) -> dict[str, Any]:
    """Resets that you may see, newest first."""
    person = admit(request, READ).person
    found = visible_resets(person).prefetch_related("systems")
    if asked.run:
        found = found.filter(run=access_run(person, asked.run).pk)
    if asked.state:
        found = found.filter(state__in=OPEN if asked.state == "open" else [asked.state])
    if asked.drill is not None:
        found = found.filter(drill=asked.drill)
    return paged(found, window=asked, order=("-created_at", "-id"), serialize=reset_out)


@router.post("/resets", response={201: FullResetOut})
def make_a_reset(request: HttpRequest, given: ResetIn) -> Status[FullResetOut]:
    """Make a draft without a plan: nothing is looked up and nothing changed yet.

    The command `freeze_reset` finds its accounts, which takes as long as the systems do. Others open its gates one by
    one. What a plan drives is made by starting that plan.
    """
    admitted = admit(request, RUN_PLAN)
    made = create(
        title=given.title,
        cutoff=given.cutoff,
        systems=_systems(given.systems),
        selection=given.selection.model_dump(),
        mode=given.mode,
        limits=given.limits.model_dump(exclude_none=True),
        rate=given.rate,
        seal_key=given.seal_key,
        drill=given.drill,
        by=admitted.by,
        now=admitted.now,
    )
    return Status(201, full_reset_out(made, person=admitted.person, now=admitted.now))


@router.post("/resets/notices/bounces", response=NoticeBouncedOut)
def take_notice_bounces(request: HttpRequest, given: NoticeBouncesIn) -> NoticeBouncedOut:
    """Note addresses that your mail server reports as gone: later rounds of a notice leave them out."""
    admitted = admit(request, ADMINISTER)
    count = note_bounces(addresses=given.addresses)
    payload = {"reported": len(given.addresses), "marked": count}
    append(subject=NOTICES, verb="reset.notices_bounced", by=admitted.by, now=admitted.now, payload=payload)
    return NoticeBouncedOut(marked=count)


@router.get("/resets/{reset_id}", response=FullResetOut)
def get_reset(request: HttpRequest, reset_id: str) -> FullResetOut:
    """One reset: how far each phase, wave, system and host is, and what failed, by cause."""
    admitted = admit(request, READ)
    return full_reset_out(access_reset(admitted.person, reset_id), person=admitted.person, now=admitted.now)


@router.get("/resets/{reset_id}/exceptions", response=Page[ExceptionOut])
def list_reset_exceptions(request: HttpRequest, reset_id: str, asked: Query[ExceptionsAsked]) -> dict[str, Any]:
    """Accounts that were missed or skipped. Those of a host that never answered have no rows of their own."""
    reset = access_reset(admit(request, READ).person, reset_id)
    named = {"phase__name": asked.phase, "code": asked.cause, "state": asked.state}
    found = Exceptional.objects.filter(phase__reset=reset, **{name: value for name, value in named.items() if value})
    rows = found.select_related("phase", "account", "account__system")
    return paged(rows, window=asked, order=("id",), serialize=exception_out)


@router.get("/resets/{reset_id}/report", response=ReportOut)
def get_reset_report(request: HttpRequest, reset_id: str) -> ReportOut:
    """The completion report as things stand now, and which one was kept."""
    return report_out(access_reset(admit(request, READ).person, reset_id))


@router.get("/resets/{reset_id}/accounts.{form}", response={200: None})
def export_accounts(request: HttpRequest, reset_id: str, form: Path[Form]) -> HttpResponse:
    """What became of each account, as a file (`csv` or `jsonl`); its digest goes into the ledger."""
    admitted = admit(request, RUN_PLAN)
    return handed_out(access_reset(admitted.person, reset_id), form=form, by=admitted.by, clock=clock.now)


def _systems(keys: list[str]) -> list[System]:
    found = {system.key: system for system in System.objects.filter(key__in=keys)}
    if unknown := sorted(set(keys) - set(found)):
        sentence = f"There is no account system {', '.join(unknown)}."
        raise BadInput(sentence, errors={"systems": sentence})
    return [found[key] for key in sorted(found)]
