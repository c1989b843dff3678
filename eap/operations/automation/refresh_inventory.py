"""Fetch the hosts of inventories that come by HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import httpx
from django.db import transaction

from eap.models import Inventory
from eap.operations.automation.save_inventory import fill_inventory, note_trouble
from eap.rules.inventory import LARGEST_FILE, read_hosts
from engine.duties import Tick
from ledger.actor import Actor
from notifications.channels.base import ChannelFailure
from notifications.outbound import resolve
from web.errors import BadInput, NotFound

EVERY: Final = timedelta(hours=1)
FETCH_S: Final = 20.0
ENGINE: Final = Actor(kind="system", id="inventories", name="Muster", via="engine")


def refresh_inventory(*, inventory_id: int, by: Actor, now: datetime) -> dict[str, int]:
    """Fetch an inventory's hosts and put them in; return how many were added, changed and removed.

    Outside any transaction. What goes wrong is noted with the inventory, whose hosts stay, and raised as `BadInput`.
    """
    inventory = Inventory.objects.filter(pk=inventory_id, source=Inventory.Source.HTTP).first()
    if inventory is None:
        raise NotFound("There is no such inventory with an address.")
    try:
        hosts = read_hosts(_fetch(inventory.url, inventory.token), filename=inventory.url.partition("?")[0])
    except BadInput as refusal:
        note_trouble(inventory_id=inventory_id, sentence=refusal.sentence, now=now)
        raise
    with transaction.atomic():
        return fill_inventory(inventory_id=inventory_id, hosts=hosts, by=by, now=now)


def _fetch(url: str, token: str) -> bytes:
    try:
        target = resolve(url)
        headers = {"Host": target.host_header, "User-Agent": "Muster", "Accept": "application/json, text/*"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        content = bytearray()
        with (
            httpx.Client(
                timeout=httpx.Timeout(FETCH_S, connect=5.0), follow_redirects=False, trust_env=False
            ) as client,
            client.stream("GET", target.url, headers=headers, extensions={"sni_hostname": target.host}) as answer,
        ):
            if answer.status_code != 200:
                raise BadInput(f"{target.host} answered {answer.status_code}.")
            for chunk in answer.iter_bytes():
                content += chunk
                if len(content) > LARGEST_FILE:
                    raise BadInput("The answer is larger than 20 MB.")
    except ChannelFailure as error:
        raise BadInput(error.detail) from None
    except httpx.HTTPError as error:
        raise BadInput(f"The address can't be fetched ({type(error).__name__}).") from None
    return bytes(content)


def refresh_due(tick: Tick) -> int:
    """Fetch one inventory whose last try is an hour old; return how many were tried."""
    with transaction.atomic():
        due = (
            Inventory.objects.select_for_update(no_key=True, skip_locked=True)
            .filter(source=Inventory.Source.HTTP)
            .exclude(tried_at__gt=tick.now - EVERY)
            .order_by("tried_at", "id")
            .first()
        )
        if due is None:
            return 0
        due.tried_at = tick.now
        due.save(update_fields=["tried_at"])
    try:
        refresh_inventory(inventory_id=due.pk, by=ENGINE, now=tick.now)
    except (BadInput, NotFound):
        return 1  # noted with the inventory, where people see it
    return 1
