"""What workers do for the status page: messages carry ids and nothing else."""

from __future__ import annotations

from celery import shared_task

from engine import clock
from statuspage.subscribers.lanes import TASK, take_turn
from statuspage.subscribers.letters import send_letters as send_due_letters
from statuspage.subscribers.sign_up import LETTERS_TASK


@shared_task(name=TASK)
def send_notices(which: str) -> None:
    """Send what is due of a mailing by one channel; `which` is "<mailing>:<channel>". A double does nothing."""
    mailing_id, _, channel = which.partition(":")
    take_turn(int(mailing_id), channel)


@shared_task(name=LETTERS_TASK)
def send_letters(letter_id: str) -> None:
    """Send one letter if it is due."""
    send_due_letters(now=clock.now(), ids=[int(letter_id)])
