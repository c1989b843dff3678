"""Name the servers that an incident hits, while it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ledger.actor import Actor
from ledger.rules import JSON
from statuspage.models import HitServer, PublicIncident, Server
from statuspage.operations.checking import checked_servers
from statuspage.operations.draft_update import check_open
from statuspage.operations.locking import lock_public_incident
from statuspage.operations.recording import record
from statuspage.rules.stages import ENDED
from web.errors import IllegalMove


def name_servers(*, public_incident: PublicIncident, servers: Sequence[int], by: Actor, now: datetime) -> None:
    """Say that a public incident hits these servers now; those named before and not any more have recovered.

    Locks it. Raises `BadInput` for servers of another page, `IllegalMove` once it has ended.
    """
    public = lock_public_incident(public_incident.pk)
    check_open(public)
    if public.status in ENDED:
        raise IllegalMove("It has ended; what it hit is history.")
    hit = checked_servers(servers, public.page)
    rows = HitServer.objects.filter(public_incident=public)
    rows.exclude(server__in=hit).filter(recovered_at=None).update(recovered_at=now)
    rows.filter(server__in=hit).update(recovered_at=None)
    HitServer.objects.bulk_create(
        [HitServer(public_incident=public, server_id=server, since=now) for server in hit], ignore_conflicts=True
    )
    public.updated_at = now
    public.version += 1
    public.save(update_fields=["updated_at", "version"])
    names = list(Server.objects.filter(pk__in=hit).values_list("name", flat=True)[:100])
    payload: dict[str, JSON] = {"servers": names, "count": len(hit)}
    record(public, "status.servers_named", by=by, now=now, payload=payload, publish=public.published_at is not None)
