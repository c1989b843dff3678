"""`/resets/`: resets, one of them, the accounts that went another way."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from engine import clock
from people.doors import signed_in
from people.models import Person
from people.permissions import DRAFT_UPDATE, READ, RUN_PLAN, may
from resets import screen
from resets.access import access_reset, resets_beside, visible_resets
from resets.chart import chart
from resets.forms import FactorForm, ReasonForm
from resets.models import Exceptional, Phase, Return
from resets.notices.queries import figures
from resets.notices.texts import digest_of
from resets.queries import progress
from web.errors import NotFound

PER_PAGE: Final = 30
EXCEPTIONS_SHOWN: Final = 200


@require_safe
@signed_in(READ)
def resets(request: HttpRequest, person: Person) -> HttpResponse:
    """List the resets, newest first."""
    page = max(1, int(given)) if (given := request.GET.get("page", "1")).isdecimal() and len(given) < 6 else 1
    found = visible_resets(person).select_related("run", "run__incident").defer("run__version")
    listed = list(found[(page - 1) * PER_PAGE : page * PER_PAGE + 1])
    context = {
        "rows": [(reset, *screen.STATES[reset.state]) for reset in listed[:PER_PAGE]],
        "newer": f"?page={page - 1}" if page > 1 else "",
        "older": f"?page={page + 1}" if len(listed) > PER_PAGE else "",
        "may_run": may(person, RUN_PLAN),
        "may_help": may(person, DRAFT_UPDATE),
    }
    return render(request, "resets/list.html", context)


@require_safe
@signed_in(READ)
def reset(request: HttpRequest, person: Person, reset_id: str) -> HttpResponse:
    """Show a reset: what waits, how far each phase is, what failed, how the customers are told."""
    found, now = access_reset(person, reset_id), clock.now()
    done = progress(found, now=now)
    rounds = figures(found, now=now)
    waiting = screen.waiting(found, rounds)
    steers = may(person, RUN_PLAN)
    context = {
        "reset": found,
        "state": screen.STATES[found.state],
        "systems": list(found.systems.all()),
        "beside": resets_beside(person, found, now=now),
        "phases": screen.rows(done),
        "gates": screen.gates(done, found, person),
        "waiting": waiting,
        "drafts": [
            (notice, digest_of(notice.texts, language=notice.language), str(person.pk) not in notice.writers)
            for notice in waiting.notices
        ],
        "rounds": [(each, *screen.NOTICE_STATES[each.notice.state]) for each in rounds],
        "may_draft": steers and all(each.notice.state in ("done", "cancelled") for each in rounds),
        "returned": Return.objects.filter(account__reset=found).count(),
        "exclusions": found.exclusions.count(),
        "chart": chart(found, now=now),
        "report": found.reports.last(),
        "may_run": steers,
        "may_help": may(person, DRAFT_UPDATE),
        "may_resume": found.state in ("paused", "aborted") or any(each.phase.state == "held" for each in done),
        "has_work": any(one.wave.wanted and one.wave.state != "done" for each in done for one in each.waves),
        "is_open": found.state not in ("done", "aborted"),
        "may_destroy": steers and waiting.seals is not None and waiting.seals.asked_by_id != person.pk,
        "has_seals": found.seals.exists(),
        "reason_form": ReasonForm(),
        "factor_form": FactorForm(),
    }
    return render(request, "resets/reset.html", context)


@require_safe
@signed_in(READ)
def reset_exceptions(request: HttpRequest, person: Person, reset_id: str, phase: str) -> HttpResponse:
    """List the accounts of a phase that were missed or skipped, those of one cause where it is named."""
    found = access_reset(person, reset_id)
    row = Phase.objects.filter(reset=found, name=phase).first()
    if row is None:
        raise NotFound(_("This reset has no such phase."))
    code = request.GET.get("cause", "")
    wanted = Q(code=code) if code else Q()
    rows = Exceptional.objects.filter(wanted, phase=row).select_related("account", "account__system").order_by("pk")
    after = request.GET.get("after", "")
    if after.isascii() and after.isdigit() and len(after) < 19:
        rows = rows.filter(pk__gt=int(after))
    listed = list(rows[: EXCEPTIONS_SHOWN + 1])
    last = listed[EXCEPTIONS_SHOWN - 1].pk if len(listed) > EXCEPTIONS_SHOWN else None
    older = f"?{urlencode({'cause': code, 'after': last})}" if last is not None else ""
    context = {"reset": found, "phase": row, "code": code, "rows": listed[:EXCEPTIONS_SHOWN], "older": older}
    return render(request, "resets/exceptions.html", context)
