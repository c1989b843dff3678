"""What workers do: messages carry ids of deliveries and nothing else."""

from __future__ import annotations

from typing import Final

from celery import shared_task
from celery.signals import worker_ready, worker_shutdown

from notifications.channels.registry import prepare_all
from notifications.operations.outbox import TASK
from notifications.sending import Dispatcher
from notifications.sending_pool import SendingPool

SLOTS: Final = 16
"""Provider calls that one worker process makes at the same time."""

dispatcher: Final = Dispatcher(pool=SendingPool(slots=SLOTS, name="send"))


@shared_task(name=TASK)
def deliver(ids: str) -> None:
    """Send those of the deliveries `ids` (numbers with commas between) that are due and pending.

    Comes back before the providers have answered: the database knows what is under way, so a message that the broker
    delivers twice, late or never changes nothing.
    """
    dispatcher.add([int(each) for each in ids.split(",")])


@worker_ready.connect
def prepare(**_signal: object) -> None:
    """Load the providers' libraries before the first page, not with it."""
    prepare_all()


@worker_shutdown.connect
def finish(**_signal: object) -> None:
    """Let a worker that is told to end record what its last calls came to, so that nobody has to look it up."""
    dispatcher.close()
