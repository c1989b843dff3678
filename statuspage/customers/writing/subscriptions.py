"""Targeted notices for whom the file says that they agreed, and an end for those who don't want them."""

from __future__ import annotations

from typing import Final

from django.db import connection

from statuspage.customers.writing.customers import Counts, Given

_BEGUN: Final = """
WITH agreed AS (
    SELECT DISTINCT ON (lower(c.email)) c.id, lower(c.email) AS address,
        coalesce(nullif(c.language, ''), %(language)s) AS language
    FROM statuspage_customer c
    WHERE c.page_id = %(page)s AND c.email <> ''
        AND c.number IN (SELECT number FROM given_row WHERE notify)
    ORDER BY lower(c.email), c.id
)
INSERT INTO statuspage_subscriber AS s (id, page_id, channel, address, state, language, minimum_impact, all_components,
    customer_id, secret, contact, failures, confirmed_at, asked_at, created_at)
SELECT gen_random_uuid(), %(page)s, 'email', address, 'active', language, 'none', true, id, '', '', 0,
    %(now)s, %(now)s, %(now)s
FROM agreed
ON CONFLICT (page_id, channel, address) DO UPDATE
    SET state = 'active', customer_id = EXCLUDED.customer_id, confirmed_at = EXCLUDED.confirmed_at
    WHERE s.state = 'pending'
"""
"""Whoever subscribed to everything keeps that; whoever ended their subscription is not taken back by a file."""
_ENDED: Final = """
UPDATE statuspage_subscriber s SET state = 'ended', ended_at = %(now)s FROM statuspage_customer c
WHERE s.customer_id = c.id AND c.page_id = %(page)s AND s.state <> 'ended'
    AND c.number IN (SELECT number FROM given_row WHERE notify = false)
"""
_MOVED: Final = """
UPDATE statuspage_subscriber s SET address = lower(c.email) FROM statuspage_customer c
WHERE s.customer_id = c.id AND c.page_id = %(page)s AND s.channel = 'email' AND c.email <> ''
    AND s.address <> lower(c.email)
    AND NOT EXISTS (SELECT 1 FROM statuspage_customer o WHERE o.page_id = %(page)s AND lower(o.email) = s.address)
    AND NOT EXISTS (SELECT 1 FROM statuspage_subscriber o
        WHERE o.page_id = %(page)s AND o.channel = 'email' AND o.address = lower(c.email))
    AND NOT EXISTS (SELECT 1 FROM statuspage_customer o JOIN statuspage_subscriber x ON x.customer_id = o.id
        WHERE o.page_id = %(page)s AND lower(o.email) = lower(c.email) AND o.id < c.id AND x.address <> lower(o.email))
"""
"""A customer's new address takes the subscription along, unless somebody has it, or several would come to share it."""


def write_subscriptions(given: Given) -> Counts:
    """Begin, move and end customers' own subscriptions."""
    counts: Counts = {}
    with connection.cursor() as cursor:
        if given.layout.has("email"):
            cursor.execute(_MOVED, given.values)
        if given.layout.has("notify"):
            cursor.execute(_BEGUN, given.values)
            counts["subscribed"] = cursor.rowcount
            cursor.execute(_ENDED, given.values)
            counts["unsubscribed"] = cursor.rowcount
    return counts
