"""What people do with a reset: each a plain form POST that leads back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from engine import clock
from people import second_factor
from people.actors import actor_for
from people.doors import signed_in
from people.models import Person
from people.permissions import APPROVE_UPDATE, RUN_PLAN
from resets.access import access_reset
from resets.forms import ReasonForm
from resets.models import Notice, Phase, Reset, Wave
from resets.notices.operations.approve_notice import approve_notice
from resets.notices.operations.draft_notice import draft_notice
from resets.notices.operations.send_notice import cancel_notice, pause_notice, resume_notice
from resets.operations.abort import abort
from resets.operations.close import close
from resets.operations.destroy_seals import ask_to_destroy_seals, destroy_seals
from resets.operations.open_wave import open_wave
from resets.operations.pause import pause
from resets.operations.resume import resume
from resets.operations.retry import retry
from web.errors import BadInput, IllegalMove, NotFound
from web.middleware import send_to

Move = Callable[..., str]


def _of_reset(*, proved: bool = False, capability: str = RUN_PLAN) -> Callable[[Move], Callable[..., HttpResponse]]:
    """Turn a move into a view: POST only, in one transaction. `proved`: with a second factor."""

    def wrap(move: Move) -> Callable[..., HttpResponse]:
        @require_POST
        @signed_in(capability)
        def view(request: HttpRequest, person: Person, /, reset_id: str, **named: Any) -> HttpResponse:
            found = access_reset(person, reset_id)
            if proved:
                _require_factor(request, person)
            with transaction.atomic():
                said = move(request, person, found, **named)
            messages.success(request, said)
            return send_to(request, reverse("reset", args=[reset_id]))

        return view

    return wrap


def _require_factor(request: HttpRequest, person: Person) -> None:
    """Raise `IllegalMove` unless the second person shows a second factor: destructive work needs both."""
    if not second_factor.has_one(person):
        raise IllegalMove(_("This needs a second factor. Set one up under your account, then come back."))
    if not second_factor.shown(request, person, code=request.POST.get("code", "")):
        raise IllegalMove(_("Give the code of your second factor."))


def _who(person: Person) -> dict[str, Any]:
    return {"by": actor_for(person, via="web"), "now": clock.now()}


def _reason(request: HttpRequest) -> str:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        sentence = _("Say why, in a sentence.")
        raise BadInput(sentence, errors={"reason": sentence})
    return str(form.cleaned_data["reason"])


@_of_reset()
def reset_pause(request: HttpRequest, person: Person, reset: Reset) -> str:
    """Let nothing more begin."""
    pause(reset=reset, reason=_reason(request), **_who(person))
    return _("Paused: nothing more begins until somebody resumes it.")


@_of_reset()
def reset_resume(request: HttpRequest, person: Person, reset: Reset) -> str:  # noqa: ARG001 - the move's shape
    """Go on."""
    resume(reset=reset, **_who(person))
    return _("It goes on.")


@_of_reset()
def reset_abort(request: HttpRequest, person: Person, reset: Reset) -> str:
    """Stop; what is disabled stays so."""
    abort(reset=reset, reason=_reason(request), **_who(person))
    return _("Aborted. What was disabled stays disabled.")


@_of_reset()
def reset_close(request: HttpRequest, person: Person, reset: Reset) -> str:  # noqa: ARG001 - the move's shape
    """Say that it is done."""
    close(reset=reset, **_who(person))
    return _("The reset is done.")


@_of_reset(proved=True)
def reset_open_wave(request: HttpRequest, person: Person, reset: Reset, *, wave_id: int) -> str:  # noqa: ARG001
    """Open a gate: the second person's word."""
    wave = Wave.objects.select_related("phase", "phase__reset").filter(pk=wave_id, phase__reset=reset).first()
    if wave is None:
        raise NotFound(_("This reset has no such wave."))
    open_wave(wave=wave, **_who(person))
    return _("The wave is open.")


@_of_reset()
def reset_retry(request: HttpRequest, person: Person, reset: Reset, *, phase: str) -> str:
    """Have what failed tried again: all of it, or one cause."""
    row = Phase.objects.select_related("reset").filter(reset=reset, name=phase).first()
    if row is None:
        raise NotFound(_("This reset has no such phase."))
    count = retry(phase=row, code=request.POST.get("code") or None, **_who(person))
    return ngettext("%(count)s account is tried again.", "%(count)s accounts are tried again.", count) % {
        "count": f"{count:,}"
    }


def _notice(reset: Reset, notice_id: int) -> Notice:
    found = Notice.objects.select_related("reset").filter(pk=notice_id, reset=reset).first()
    if found is None:
        raise NotFound(_("This reset has no such notice."))
    return found


@_of_reset()
def reset_notice_draft(request: HttpRequest, person: Person, reset: Reset) -> str:  # noqa: ARG001 - the move's shape
    """Draft the next round of telling the customers, in our own words."""
    draft_notice(reset=reset, **_who(person))
    return _("A draft is there. Another person reads and approves it.")


@_of_reset(capability=APPROVE_UPDATE)
def reset_notice_approve(request: HttpRequest, person: Person, reset: Reset, *, notice_id: int) -> str:
    """Approve exactly the texts that were read."""
    digest = request.POST.get("digest", "")
    approve_notice(notice=_notice(reset, notice_id), digest=digest, person=person, **_who(person))
    return _("Approved. It leaves when the plan, or somebody here, sends it.")


@_of_reset()
def reset_notice_move(request: HttpRequest, person: Person, reset: Reset, *, notice_id: int) -> str:
    """Pause, resume or call off a round."""
    moves = {
        "pause": (pause_notice, _("Paused; no further mail leaves.")),
        "resume": (resume_notice, _("It goes on.")),
        "cancel": (cancel_notice, _("Called off; what had not left is withdrawn.")),
    }
    chosen = moves.get(request.POST.get("move", ""))
    if chosen is None:
        sentence = _("Choose what to do.")
        raise BadInput(sentence, errors={"move": sentence})
    chosen[0](notice=_notice(reset, notice_id), **_who(person))
    return chosen[1]


@_of_reset()
def reset_seals_ask(request: HttpRequest, person: Person, reset: Reset) -> str:  # noqa: ARG001 - the move's shape
    """Ask that the sealed hashes be destroyed."""
    ask_to_destroy_seals(reset=reset, **_who(person))
    return _("Asked. Another person destroys them.")


@_of_reset(proved=True)
def reset_seals_destroy(request: HttpRequest, person: Person, reset: Reset) -> str:  # noqa: ARG001
    """Destroy them."""
    destroy_seals(reset=reset, **_who(person))
    return _("The sealed hashes are destroyed.")
