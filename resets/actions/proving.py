"""Moves of a plan about proof: look at accounts, destroy what was sealed, make the report."""

from __future__ import annotations

from django.db import transaction

from eap.actions.base import Result, Surroundings, Trouble
from eap.models import Vote
from engine import clock
from people.actors import actor_for
from resets.actions.finding import (
    actor_of,
    approvals_before,
    refusals_are_trouble,
    reset_of,
    run_of,
    votes_of,
)
from resets.actions.inputs import ResetInputs
from resets.models import SealDestruction
from resets.operations.close import close
from resets.operations.destroy_seals import ask_to_destroy_seals, destroy_seals, sweep
from resets.proof.conclude import conclude
from resets.proof.seen import seen
from resets.proof.verify import verify

PEOPLE_NEEDED = 2


def look(inputs: ResetInputs, around: Surroundings) -> Result:
    """Look at accounts; raises `Trouble` where one is not as it should be, and where nobody could look."""
    reset = reset_of(around)
    with refusals_are_trouble():
        row = verify(
            reset_id=reset.pk,
            canary_only=inputs.through == "canary",
            wanted=inputs.sample,
            by=actor_of(run_of(around)),
            clock=clock.now,
            say=around.say,
            stopped=around.stopped,
        )
    parts = seen(row).parts
    for part in parts:
        around.say(f"{part.system}, {'canary' if part.canary else 'sample'}: {part.sentence}")
        for failure in part.failures:
            around.say(failure)
    if row.failed:
        raise Trouble(f"{row.failed} checks do not hold, of {row.looked_at} accounts. The log names the accounts.")
    if not row.looked_at:
        raise Trouble("No account could be looked at; the log says why.")
    sentence = f"{row.looked_at} accounts are as they should be"
    sentence += f"; {row.untried} checks could not be made." if row.untried else "."
    facts = {"looked_at": row.looked_at, "untried": row.untried, "sign_ins": sum(part.sign_ins for part in parts)}
    return Result(sentence=sentence, facts=facts)


def destroy(_inputs: ResetInputs, around: Surroundings) -> Result:
    """Destroy the sealed hashes in the names of the two people who approved it; nothing sealed is well, too."""
    reset = reset_of(around)
    ended = SealDestruction.objects.filter(reset=reset, done_at__isnull=False).first()
    if ended is None:
        if not reset.seals.exists():
            return Result(
                sentence="Nothing was sealed, so there is nothing to destroy.", facts={"accounts": 0, "left": 0}
            )
        first, second = _two_people(around)
        with refusals_are_trouble(), transaction.atomic():
            now = clock.now()
            ask_to_destroy_seals(reset=reset, by=actor_for(first.person, via=first.via), now=now)
            ended = destroy_seals(reset=reset, by=actor_for(second.person, via=second.via), now=now)
    sweep()
    sentence = f"The sealed hashes of {ended.accounts:,} accounts are destroyed ({ended.boxes} boxes)."
    return Result(
        sentence=sentence, facts={"accounts": ended.accounts, "boxes": ended.boxes, "left": reset.seals.count()}
    )


def _two_people(around: Surroundings) -> tuple[Vote, Vote]:
    newest = next(iter(approvals_before(around)), None)
    votes = votes_of(newest) if newest is not None else []
    if len(votes) < PEOPLE_NEEDED:
        raise Trouble("Two people destroy sealed hashes: put an approval with `count: 2` right before this step.")
    return votes[0], votes[1]


def file_report(_inputs: ResetInputs, around: Surroundings) -> Result:
    """Close the reset and keep its report."""
    reset, by = reset_of(around), actor_of(run_of(around))
    with refusals_are_trouble(), transaction.atomic():
        reset = close(reset=reset, by=by, now=clock.now())
    around.say("Reading what became of each account.")
    row = conclude(reset=reset, by=by, now=clock.now())
    facts = row.facts
    sentence = (
        f"{facts['accounts']:,} accounts, {facts['returned']:,} set anew by their owners, {facts['stragglers']:,} not."
        f" The report's SHA-256 is {row.fingerprint}."
    )
    return Result(
        sentence=sentence,
        facts={
            "accounts": facts["accounts"],
            "fingerprint": row.fingerprint,
            "outcomes": row.outcomes_sha256,
            "returned": facts["returned"],
            "stragglers": facts["stragglers"],
        },
    )
