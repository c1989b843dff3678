"""Decide which provider each claimed delivery goes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db.backends.utils import CursorWrapper

from notifications.channels.registry import UnknownChannel, carriers
from notifications.operations.claimed import Claimed

_NAME = """
UPDATE notifications_delivery d SET provider = chosen.provider
FROM unnest(%s::bigint[], %s::text[]) AS chosen (id, provider) WHERE d.id = chosen.id
"""


def choose_carriers(cursor: CursorWrapper, claimed: Sequence[Claimed]) -> list[Claimed]:
    """Return `claimed` with the provider of this try, and write it down. In the claim's transaction."""
    chosen = [replace(each, provider=_provider(each)) if each.usable else each for each in claimed]
    moved = [(new.id, new.provider) for old, new in zip(claimed, chosen, strict=True) if old.provider != new.provider]
    if moved:
        cursor.execute(_NAME, [[id_ for id_, _ in moved], [provider for _, provider in moved]])
    return chosen


def _provider(claimed: Claimed) -> str:
    try:
        known = [each.provider for each in carriers(claimed.channel)]
    except UnknownChannel:
        return ""  # sending finds the same and says so where people look
    return claimed.provider if claimed.provider in known else known[0]
