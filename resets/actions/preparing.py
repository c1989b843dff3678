"""Moves of a plan before anything is changed: make the reset, freeze its accounts, find out what it would do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import transaction

from eap.actions.base import Preview, Result, Surroundings, Trouble
from engine import clock
from resets.actions.finding import actor_of, found, refusals_are_trouble, reset_of, run_of
from resets.actions.inputs import ResetInputs
from resets.backends.base import Probe
from resets.models import Account, Reset, System
from resets.operations.create import create
from resets.operations.freeze import freeze
from resets.scope.dry_run import Forecast, dry_run
from resets.scope.overlap import Overlap

_WOULD: Final[Mapping[str, str]] = {
    "prepare": "prepare to reset {}",
    "freeze": "freeze {}",
    "dry_run": "try every right on {}",
    "seal": "seal the old hashes of {}",
    "disable": "disable {}",
    "lock": "lock the passwords of {}",
    "rotate": "replace the passwords of {}",
    "revoke": "end sessions, keys and tokens of {}",
    "enable": "let in again {}",
    "verify": "look at a sample of {}",
    "draft_notice": "draft what the owners read of {}",
    "notify": "write to the owners of {}",
    "destroy_seals": "destroy the sealed hashes of {}",
    "report": "report on {}",
}


def prepare(inputs: ResetInputs, around: Surroundings) -> Result:
    """Make the run's reset; one that it has already is kept, unless it was aborted."""
    reset = found(around)
    if reset is None or reset.state == Reset.State.ABORTED:
        reset = _made(inputs, around)
    names = ", ".join(reset.systems.order_by("name").values_list("name", flat=True))
    return Result(
        sentence=f"Prepared for {names}. Write the list of accounts to be left alone on its page.",
        facts={"reset": str(reset.pk), "systems": names},
    )


def _made(inputs: ResetInputs, around: Surroundings) -> Reset:
    run = run_of(around)
    selection = {name: list(getattr(inputs, name)) for name in ("hosts", "groups", "plans", "logins", "canary")}
    limits = {"wave": inputs.wave_limits, "total": inputs.total_limits}
    with refusals_are_trouble(), transaction.atomic():
        return create(
            title=inputs.title or (run.incident.title if run.incident else run.title),
            cutoff=inputs.when,
            systems=chosen(inputs, drill=around.drill),
            selection=selection,
            mode=inputs.mode,
            limits={name: limit.model_dump(exclude_none=True) for name, limit in limits.items()},
            rate=inputs.rate,
            seal_key=inputs.seal_key,
            run=run,
            drill=around.drill,
            wished_by=run.started_by,
            by=actor_of(run),
            now=clock.now(),
        )


def chosen(inputs: ResetInputs, *, drill: bool) -> list[System]:
    """Return the systems that are named; where none is, all but those for drills. In a drill only those marked for it.
    Raises `Trouble` for a name that nobody knows."""
    standing = System.objects.filter(archived_at=None)
    if inputs.systems:
        known = set(standing.values_list("key", flat=True))
        unknown = [key for key in inputs.systems if key not in known]
        if unknown:
            raise Trouble(f"There is no account system {', '.join(unknown)}; there are {', '.join(sorted(known))}.")
        standing = standing.filter(key__in=inputs.systems)
    if drill or not inputs.systems:
        standing = standing.filter(drill=drill)
    systems = list(standing.order_by("pk"))
    if not systems:
        wanted = "marked for drills " if drill else ""
        raise Trouble(f"No account system {wanted}is set up. Add one under Settings, Account systems.")
    return systems


def freeze_accounts(_inputs: ResetInputs, around: Surroundings) -> Result:
    """Freeze the accounts; frozen already is well, too."""
    with refusals_are_trouble():
        reset = freeze(
            reset_id=reset_of(around).pk,
            by=actor_of(run_of(around)),
            clock=clock.now,
            say=around.say,
            stopped=around.stopped,
        )
    canary = Account.objects.filter(reset=reset, wave=0).count()
    return Result(
        sentence=f"{reset.count:,} accounts are in scope, {canary} of them go first. SHA-256 {reset.digest}.",
        facts={"accounts": reset.count, "canary": canary, "digest": reset.digest},
    )


def try_out(_inputs: ResetInputs, around: Surroundings) -> Result:
    """Say what would happen; raises `Trouble` where a right is missing or a system can't be reached."""
    reset = reset_of(around)
    if reset.frozen_at is None:
        raise Trouble("Its accounts are not frozen yet.")
    forecast = dry_run(reset, say=around.say)
    for system in forecast.systems:
        around.say(
            f"{system.name}: {system.accounts:,} accounts on {len(system.hosts)} hosts, about {system.seconds} s."
        )
        around.say(f"{system.name}, first of all: {', '.join(system.canary)}")
        for probe in system.probes:
            around.say(f"{system.name}: {_word(probe)}: {probe.sentence}")
    beside = [_told(each) for each in forecast.overlaps]
    for sentence in beside:
        around.say(sentence)
    wrong = _wrong(forecast)
    if wrong:
        raise Trouble(wrong)
    each = {f"accounts_{system.key.replace('-', '_')}": system.accounts for system in forecast.systems}
    return Result(
        sentence=(
            f"{forecast.accounts:,} accounts in {_systems(len(forecast.systems))}; all rights are there"
            f"{_minded(forecast, beside)}. About {_minutes(forecast.seconds)} for each phase" + _hashing(forecast) + "."
        ),
        facts={"accounts": forecast.accounts, "seconds": forecast.seconds, **each},
    )


def preview(inputs: ResetInputs, around: Surroundings) -> Preview:
    """Say what a phase would do to how many accounts; writes nothing."""
    reset = found(around)
    if reset is None or reset.frozen_at is None:
        return Preview(sentence=f"Would {inputs.do.replace('_', ' ')}; which accounts is known once they are frozen.")
    accounts = Account.objects.filter(reset=reset, wave__lte=inputs.wave).count()
    first = Account.objects.filter(reset=reset, wave=0).count()
    names = ", ".join(reset.systems.order_by("name").values_list("name", flat=True))
    said = _WOULD[inputs.do].format(f"{accounts:,} accounts of {names}")
    canary = {"canary": first} if inputs.wave else {}
    return Preview(sentence=f"Would {said}.", counts={**canary, "left alone": reset.exclusions.count()})


def _systems(count: int) -> str:
    return "1 system" if count == 1 else f"{count} systems"


def _wrong(forecast: Forecast) -> str:
    parts = []
    for system in forecast.systems:
        if system.trouble:
            parts.append(f"{system.name}: {system.trouble}")
        parts += [f"{system.name} can't {lacked.replace('_', ' ')}." for lacked in system.lacks]
        parts += [f"{system.name}: {probe.sentence}" for probe in system.probes if probe.needed and not probe.granted]
    return " ".join(parts)


def _word(probe: Probe) -> str:
    return "well" if probe.granted else "NOT WELL" if probe.needed else "mind"


def _minutes(seconds: int) -> str:
    return f"{max(1, seconds)} s" if seconds < 120 else f"{-(-seconds // 60)} min"


def _told(overlap: Overlap) -> str:
    """Return an overlap in words. A private incident's reset is not named: others may read this run."""
    run = overlap.other.run
    return overlap.sentence(named=run is None or run.incident is None or not run.incident.private)


def _minded(forecast: Forecast, beside: list[str]) -> str:
    probed = [
        f"{system.name}: {each.sentence}" for system in forecast.systems for each in system.probes if not each.granted
    ]
    said = beside + probed
    return f". But mind: {' '.join(said)[:600].rstrip('.')}" if said else ""


def _hashing(forecast: Forecast) -> str:
    if not forecast.hashing_s:
        return ""
    return f", and {_minutes(forecast.hashing_s)} of hashing on one core, less with more workers"
