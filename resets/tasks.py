"""What workers do for resets: a message wakes the threads of a process, which ask the database for work."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from celery import shared_task
from celery.signals import worker_shutdown

from resets.news import TASK
from resets.notices.duties import TASK as NOTICES_TASK
from resets.self_set.operations.ask import TASK as LETTERS_TASK

if TYPE_CHECKING:
    from resets.work.crew import Crew


@cache
def crew() -> Crew:
    """Return the threads of this worker; made by the first message, because most workers never see one."""
    from resets.work.crew import THREADS, Crew

    return Crew(threads=THREADS, name="resets")


@shared_task(name=TASK)
def work(_reset_id: str) -> None:
    """Look for chunks to do. Comes back at once: a message that comes twice, late or never changes nothing, and no
    thread of the queue is kept from other work."""
    crew().wake()


@shared_task(name=NOTICES_TASK)
def send_notices(notice_id: str) -> None:
    """Send what a round of a customer notice may send now. A double does nothing."""
    from engine import clock
    from resets.notices.sending import take_turn

    take_turn(int(notice_id), now=clock.now())


@shared_task(name=LETTERS_TASK)
def send_letters(letter_id: str) -> None:
    """Send one letter of the reset page if it is due."""
    from engine import clock
    from resets.self_set.letters import send_letters as send_due_letters

    send_due_letters(now=clock.now(), ids=[int(letter_id)])


@worker_shutdown.connect
def finish(**_signal: object) -> None:
    """Let a worker that is told to end record what ends in a moment; the rest is taken over when its lease is over."""
    if crew.cache_info().currsize:
        crew().close()
