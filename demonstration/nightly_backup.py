"""The job that Harbor Hosting waits for each morning, with the reports of the mornings before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from incidents.models import Service
from intake.models import Heartbeat
from intake.operations.change_heartbeat import HeartbeatDraft, add_heartbeat, rotate_heartbeat_key
from intake.operations.take_ping import Report, take_ping
from intake.receivers.door import digest_of
from ledger.actor import Actor

NAME: Final = "Nightly backup, 06:00 UTC"
CRON: Final = "0 6 * * *"
HOUR: Final = 6
GRACE_S: Final = 1800
MAX_RUN_S: Final = 7200
MORNINGS: Final = 24
MINUTES: Final = (11, 12, 11, 13, 12, 14, 19)
"""How long it took, over and over: on Sundays it takes everything."""


def nightly_backup(*, by: Actor, now: datetime) -> str:
    """Return the key by which the backup reports: of the heartbeat that is made here, or a new one of that there is."""
    known = Heartbeat.objects.filter(integration__name=NAME).first()
    if known is not None:
        return rotate_heartbeat_key(heartbeat_id=known.pk, by=by, now=now)[1]
    began = now - timedelta(days=MORNINGS)
    draft = HeartbeatDraft(
        name=NAME,
        service=Service.objects.filter(key="shared-hosting").first(),
        severity="critical",
        cron=CRON,
        grace_s=GRACE_S,
        max_run_s=MAX_RUN_S,
    )
    _heartbeat, key = add_heartbeat(draft=draft, by=by, now=began)
    for day in range(MORNINGS + 1):
        start = (began + timedelta(days=day)).replace(hour=HOUR, minute=0, second=2, microsecond=0)
        end = start + timedelta(minutes=MINUTES[start.weekday()], seconds=(7 * day) % 60)
        if began < start and end < now:
            take_ping(digest=digest_of(key), report=Report(signal="start", run_id=f"{start:%Y-%m-%d}"), now=start)
            body = f"{203 + day} GB in {1_204 + 3 * day} thousand files, encrypted, read back, 3 copies.\n"
            done = Report(signal="success", exit_status=0, run_id=f"{start:%Y-%m-%d}", body=body)
            take_ping(digest=digest_of(key), report=done, now=end)
    return key
