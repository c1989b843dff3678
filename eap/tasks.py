"""What workers do: messages carry ids of executions and nothing else."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from celery import shared_task
from celery.signals import worker_shutdown

from eap.operations.runs.news import TASK

if TYPE_CHECKING:
    from eap.execution.executor import Executor

SLOTS: Final = 24
"""Executions that one worker process carries out at the same time; nearly all of it is waiting for other hosts."""


@cache
def executor() -> Executor:
    """Return the threads of this worker; made by the first execution, because most workers never see one."""
    from eap.execution.executor import Executor

    return Executor(slots=SLOTS, name="execute")


@shared_task(name=TASK)
def execute(ids: str) -> None:
    """Carry out those of the executions `ids` (numbers with commas between) that may begin.

    Comes back at once: the database knows what is under way, so a message that comes twice, late or never changes
    nothing.
    """
    executor().add([int(each) for each in ids.split(",")])


@worker_shutdown.connect
def finish(**_signal: object) -> None:
    """Let a worker that is told to end record what ends in a moment; the rest is taken over when its lease is over."""
    if executor.cache_info().currsize:
        executor().close()
