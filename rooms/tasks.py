"""What workers do for the rooms: messages carry ids of rows and nothing else."""

from __future__ import annotations

import time
from typing import Final

from celery import shared_task

from rooms.slack.client import TASK as SLACK_OUTGOING
from rooms.slack.inbound import TASK as SLACK_INBOUND

TASK_S: Final = 10.0
"""A Slack that hangs may not keep a thread of the queue for longer; the engine goes on with the rest."""


@shared_task(name=SLACK_OUTGOING)
def slack_outgoing(row_id: str) -> None:
    """Make a call of Slack's outbox if it is due, and what waits behind it. A double does nothing."""
    from engine import clock
    from rooms.slack.outbox import send_due

    send_due(now=clock.now(), ids=[int(row_id)], most=20, until=time.monotonic() + TASK_S)


@shared_task(name=SLACK_INBOUND)
def slack_inbound(row_id: str) -> None:
    """Do what somebody asked for in Slack, if nobody has. A double does nothing."""
    from engine import clock
    from rooms.slack.working import work_off

    work_off(now=clock.now(), ids=[int(row_id)])
