""" "Is it me?": what hits a domain or an account, for whoever knows it and the customer number.

The same statements run and the same work is done whether such an asset exists or not; what is not hit and what does not
exist are answered by the same words.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import connection

from statuspage.customers.hits import Hit, hits_of
from statuspage.customers.rows import domain_name

_FIND: Final = """
SELECT a.server_id,
    ARRAY(SELECT component_id FROM statuspage_server_components l WHERE l.server_id = a.server_id),
    ARRAY(SELECT component_id FROM statuspage_asset_components l WHERE l.asset_id = a.id)
FROM (SELECT 1) always LEFT JOIN (
    SELECT a.id, a.server_id FROM statuspage_asset a JOIN statuspage_customer c ON c.id = a.customer_id
    WHERE c.page_id = %(page)s AND c.number = ANY(%(numbers)s)
        AND ((a.kind = 'domain' AND a.name = %(domain)s) OR (a.kind = 'account' AND a.name = %(account)s))
    LIMIT 1
) a ON true
"""
"""One row always: an unknown asset is looked up to the end, with nothing on any server."""


def what_hits(*, page_id: str, name: str, number: str, now: datetime) -> list[Hit]:
    """Return what hits a customer's asset now or is planned for it; nothing as well when there is no such asset.

    `name` is a domain as people write it, or an account; `number` the customer's, in either case of letters.
    """
    name, number = name.strip(), number.strip()
    given: dict[str, str | list[str]] = {
        "page": page_id,
        "numbers": [number, number.upper(), number.lower()],
        "domain": domain_name(name),
        "account": name,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIND, given)
        server, server_components, components = cursor.fetchone()
    return [
        hit
        for hit in hits_of(page_id, now)
        if hit.hits(server=server, server_components=server_components, components=components)
    ]
