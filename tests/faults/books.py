"""Whether the books balance: event, alert, incident, page, delivery and what the provider's peer got."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from tests.faults.product import SETTLES_S, Product
from tests.supervisor.start import eventually

_UNSETTLED: Final = """
SELECT (SELECT count(*) FROM intake_alert WHERE routed_at IS NULL)
    + (SELECT count(*) FROM notifications_page WHERE state = 'paging' AND next_step_at < now() - interval '1 s')
    + (SELECT count(*) FROM notifications_delivery d
        WHERE (state = 'pending' AND not_before <= now() + interval '10 minutes') OR state = 'sending')
"""
_CHAIN: Final = """
SELECT a.dedup_key, a.incident_id, p.id, d.id, d.channel, d.address, d.state, d.repeated,
    (SELECT count(*) FROM notifications_attempt t WHERE t.delivery_id = d.id AND result IN ('unknown', 'not_found'))
FROM intake_alert a
LEFT JOIN incidents_incident i ON i.id = a.incident_id
LEFT JOIN notifications_page p ON p.subject = 'incident:' || i.id
LEFT JOIN notifications_delivery d ON d.page_id = p.id
WHERE a.dedup_key = ANY(%s)
"""


def balance(product: Product, keys: Iterable[str]) -> None:
    """Wait until nothing is under way any more, then fail unless each key has exactly one alert, incident, page and
    delivery, each delivery was sent and arrived, and only sends of unknown outcome arrived twice, marked as repeated.
    """
    wanted = set(keys)
    eventually(lambda: _unsettled(product) == 0, within_s=SETTLES_S, what="Settling everything")
    rows = product.rows(_CHAIN, sorted(wanted))
    assert {row[0] for row in rows} == wanted, wanted - {row[0] for row in rows}
    for position, name in enumerate(("alert", "incident", "page", "delivery")):
        counted = Counter(row[position] for row in rows)
        assert None not in counted, (f"without {name}", [row for row in rows if row[position] is None])
        assert len(counted) == len(wanted), (f"more than one about one {name}", rows)
    assert len(rows) == len(wanted), ("more than one page or delivery", rows)
    arrived = _arrived(product)
    for key, _, _, _, channel, address, state, repeated, unknown in rows:
        assert state in ("sent", "delivered"), (key, state, product.story(key))
        copies = sum(f"Fault {key}" in text for text in arrived.get(address, []))
        assert copies >= 1, (key, channel, address, "was never received", product.story(key))
        assert copies == 1 or (repeated and unknown), (key, channel, f"came {copies} times", product.story(key))


def _unsettled(product: Product) -> int:
    found: int = product.rows(_UNSETTLED)[0][0]
    return found


def _arrived(product: Product) -> dict[str, list[str]]:
    """Return the texts by address, of texts and mails."""
    found: dict[str, list[str]] = {}
    items: list[dict[str, Any]] = [*product.received("messages"), *product.received("mail")]
    for item in items:
        found.setdefault(item["to"], []).append(item["text"])
    return found
