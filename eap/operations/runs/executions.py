"""Begin an automation: one execution, or one for each host of a fan-out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from eap.actions.base import Action, Effects, Host, Trouble
from eap.actions.registry import actions
from eap.actions.texts import fill
from eap.format.document import Call, FanOut, Step
from eap.hosts import find
from eap.models import RunStep, StepTarget
from eap.operations.runs.board import Board
from eap.rules.waves import wave_of_each
from eap.values import target_values

P = StepTarget.Purpose
MOST_HOSTS: Final = 100_000
EACH_HOST: Final = Host(name="each-host", address="each-host")


def call_of(step: Step) -> Call:
    """Return the call of a step that has one; raise `Trouble` otherwise."""
    if step.call is None:
        raise Trouble(f"“{step.title}” has nothing to call.")
    return step.call


def action_of(call: Call) -> Action[Any]:
    """Return the registered action; raise `Trouble` for a name that nobody registered."""
    found = actions.get(call.action)
    if found is None:
        raise Trouble(f"There is no action called {call.action!r} here.")
    return found


def begin_executions(board: Board, step: RunStep) -> list[StepTarget]:
    """Return what a step executes, not saved yet, the first ones released.

    Raises `Trouble` with the sentence that people read.
    """
    described = board.described[step.key]
    call = call_of(described)
    action = action_of(call)
    rows = _rows(board, step, described, action)
    release_first(rows, described.targets, now=board.now)
    return rows


def _rows(board: Board, step: RunStep, described: Step, action: Action[Any]) -> list[StepTarget]:
    if step.undoes_id is not None:
        return _for_undo(board, step, action)
    effects = _effects(board, described, action)
    if described.targets is None:
        return [_row(step, purpose=_purpose(board, step, action, effects))]
    hosts = hosts_for(board, described)
    if not hosts:
        return [_row(step, purpose=_without_hosts(board, described))]
    waves = wave_of_each(len(hosts), canary=described.targets.canary, waves=described.targets.waves)
    purpose = P.VERIFY if step.kind == "verify" and effects != "pure" else P.APPLY
    return [
        _row(step, purpose=purpose, host=host, position=number, wave=wave)
        for number, (host, wave) in enumerate(zip(hosts, waves, strict=True))
    ]


def release_first(rows: Sequence[StepTarget], fan_out: FanOut | None, *, now: datetime) -> None:
    """Let the first executions of the first wave begin, as many at once and as fast as the plan allows."""
    if fan_out is None:
        for row in rows:
            row.released_at = now
        return
    first = min(row.wave for row in rows)
    gap = timedelta(seconds=1 / fan_out.per_second) if fan_out.per_second else timedelta()
    for number, row in enumerate([row for row in rows if row.wave == first][: fan_out.concurrency]):
        row.released_at = now + number * gap


def _effects(board: Board, described: Step, action: Action[Any]) -> Effects:
    """Return what a second time would do: with these inputs where they are known already, else as the action says."""
    try:
        return action.effects_of(inputs_for(action, call_of(described), board.values(), None))
    except Trouble:
        return action.effects


def _purpose(board: Board, step: RunStep, action: Action[Any], effects: Effects) -> str:
    """A check by an action that changes things asks it to verify itself; a drill rehearses what can't be undone."""
    own = action.drills() if board.run.drill else None
    if own is False:
        return P.REHEARSE
    if step.kind == "verify" and effects != "pure":
        return P.VERIFY
    destructive = action.destructive or board.described[step.key].destructive
    if board.run.drill and own is None and effects != "pure" and (effects == "once" or destructive):
        return P.REHEARSE
    return P.APPLY


def _without_hosts(board: Board, described: Step) -> str:
    if not board.run.drill:
        assert described.targets is not None  # noqa: S101  (asked by the caller)
        raise Trouble(f"{described.targets.hosts!r} has no hosts, so there is nothing to do it on.")
    return P.REHEARSE


def hosts_for(board: Board, described: Step) -> list[Host]:
    """Return the hosts of a fan-out as the inventory knows them now; raise `Trouble` where it has no such group."""
    assert described.targets is not None  # noqa: S101  (asked by the caller)
    names = described.targets.hosts
    if names.startswith("inputs."):
        given = board.run.inputs.get(names.removeprefix("inputs."))
        wanted = [str(each) for each in given] if isinstance(given, list) else [str(given or "")]
    else:
        wanted = [names]
    try:
        found = find([name for name in wanted if name], drill=board.run.drill)
    except ValueError as error:
        raise Trouble(str(error)) from error
    if len(found) > MOST_HOSTS:
        raise Trouble(f"{len(found)} hosts are more than one step may have ({MOST_HOSTS}); cut it into several.")
    return found


def _for_undo(board: Board, step: RunStep, action: Action[Any]) -> list[StepTarget]:
    """Where it was done, or may have been: there it is taken back."""
    undone = next(each for each in board.steps if each.pk == step.undoes_id)
    own = board.described[undone.key].call
    same = own is not None and own.action == action.name and action.can_undo
    touched = StepTarget.objects.filter(step=undone, purpose=P.APPLY).exclude(state__in=["pending", "skipped"])
    rehearsed = StepTarget.objects.filter(step=undone, purpose=P.REHEARSE).exists()
    purpose = P.REHEARSE if rehearsed else P.UNDO if same else P.APPLY
    rows = [
        _row(step, purpose=purpose, host=host_of(row), position=number, wave=1)
        for number, row in enumerate(touched.order_by("-wave", "-position"))
    ]
    return rows or [_row(step, purpose=purpose)]


def _row(step: RunStep, *, purpose: str, host: Host | None = None, position: int = 0, wave: int = 0) -> StepTarget:
    return StepTarget(
        step=step,
        run_id=step.run_id,
        purpose=purpose,
        name=host.name if host else "",
        address=host.address if host else "",
        groups=list(host.groups) if host else [],
        variables=dict(host.variables) if host else {},
        position=position,
        wave=wave,
        attempt_group=step.attempt_group,
    )


def host_of(row: StepTarget) -> Host | None:
    """Return the host of an execution as the action is given it; None for one without."""
    if not row.name:
        return None
    return Host(name=row.name, address=row.address, groups=tuple(row.groups), variables=dict(row.variables))


def begin_preview(step: RunStep, host: Host | None, *, now: datetime) -> StepTarget:
    """Insert, or start again, the execution that asks an action what it would do; released at once.

    What one that still runs finds out was asked with other inputs: its row is gone, so nothing is recorded.
    """
    StepTarget.objects.filter(step=step, purpose=P.PREVIEW).delete()
    row = _row(step, purpose=P.PREVIEW, host=host)
    row.released_at = now
    row.save()
    return row


def inputs_for(action: Action[Any], call: Call, values: Mapping[str, Any], host: Host | None) -> Any:
    """Return an action's inputs, filled in and validated. Raises `Trouble` with a sentence that says what is wrong.

    Without a host, as in a rehearsal, its name and address read "each-host".
    """
    given = fill(call.with_, {**values, "target": target_values(host or EACH_HOST)})
    try:
        return action.inputs.model_validate(given)
    except ValueError as error:
        first = error.errors()[0] if hasattr(error, "errors") else {"loc": (), "msg": str(error)}
        place = ".".join(map(str, first["loc"]))
        raise Trouble(f"{action.name} can't use what it is given: {place}: {first['msg']}.") from error
