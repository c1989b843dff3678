"""Moves of a plan about the customers' notice: lay a draft before people, send what they approved."""

from __future__ import annotations

from django.db import transaction

from eap.actions.base import Result, Surroundings, Trouble
from engine import clock
from resets.actions.finding import actor_of, refusals_are_trouble, reset_of, run_of
from resets.actions.inputs import ResetInputs
from resets.models import Notice


def draft(_inputs: ResetInputs, around: Surroundings) -> Result:
    """Draft the next round in our own words; one that waits to be sent already is kept."""
    from resets.notices.operations.draft_notice import draft_notice

    reset = reset_of(around)
    notice = reset.notices.filter(state__in=[Notice.State.DRAFT, Notice.State.APPROVED]).last()
    if notice is None:
        with refusals_are_trouble(), transaction.atomic():
            notice = draft_notice(reset=reset, by=actor_of(run_of(around)), now=clock.now())
    return Result(
        sentence="The notice is drafted. Read it on the reset's page; another person approves it there.",
        facts={"round": notice.round},
    )


def tell(inputs: ResetInputs, around: Surroundings) -> Result:
    """Begin to send the newest round; comes back at once, because letters leave slowly."""
    from resets.notices.operations.send_notice import send_notice

    reset = reset_of(around)
    notice = reset.notices.exclude(state=Notice.State.CANCELLED).last()
    if notice is None:
        raise Trouble("There is no notice yet: a step with `do: draft_notice` lays one before people.")
    if notice.state == Notice.State.DRAFT:
        raise Trouble("Nobody has approved the notice. Another person than who wrote it does, on the reset's page.")
    with refusals_are_trouble(), transaction.atomic():
        notice = send_notice(notice=notice, through=inputs.wave, by=actor_of(run_of(around)), now=clock.now())
    sentence = f"The notice is on its way, {notice.rate_start:g} letters a second at first."
    return Result(sentence=sentence, facts={"round": notice.round})
