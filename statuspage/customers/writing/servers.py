"""Servers and the components they stand under, from the staged lines."""

from __future__ import annotations

from typing import Final

from django.db import connection

from statuspage.customers.writing.customers import Counts, Given

_SERVERS: Final = """
WITH written AS (
    INSERT INTO statuspage_server AS s (page_id, name) SELECT %(page)s, name FROM given_server ORDER BY name
    ON CONFLICT (page_id, name) DO UPDATE SET archived_at = NULL WHERE s.archived_at IS NOT NULL
    RETURNING id
) SELECT count(*) FROM written
"""
_WANTED_LINKS: Final = """
CREATE TEMP TABLE wanted_link ON COMMIT DROP AS SELECT s.id AS server, u.component
FROM given_server g JOIN statuspage_server s ON s.page_id = %(page)s AND s.name = g.name
LEFT JOIN unnest(g.components) AS u (component) ON true
"""
_LINKS: Final = """
WITH gone AS (
    DELETE FROM statuspage_server_components l
    WHERE l.server_id IN (SELECT server FROM wanted_link)
        AND NOT EXISTS (SELECT 1 FROM wanted_link w WHERE w.server = l.server_id AND w.component = l.component_id)
    RETURNING server_id
), fresh AS (
    INSERT INTO statuspage_server_components (server_id, component_id)
    SELECT server, component FROM wanted_link WHERE component IS NOT NULL
    ON CONFLICT (server_id, component_id) DO NOTHING RETURNING server_id
) SELECT count(*) FROM (SELECT server_id FROM gone UNION SELECT server_id FROM fresh) changed
"""
_ARCHIVED: Final = """
UPDATE statuspage_server s SET archived_at = %(now)s WHERE s.page_id = %(page)s AND s.archived_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM given_server g WHERE g.name = s.name)
"""


def write_servers(given: Given) -> Counts:
    """Add servers, bring archived ones back, and set what they stand under where the file speaks of it."""
    with connection.cursor() as cursor:
        cursor.execute(_SERVERS, given.values)
        (fresh,) = cursor.fetchone()
        linked = 0
        if given.layout.has("components"):
            for statement in (_WANTED_LINKS, "ANALYZE wanted_link", _LINKS):
                cursor.execute(statement, given.values)
            (linked,) = cursor.fetchone()
    return {"servers_new": fresh, "servers_linked": linked}


def archive_missing(given: Given) -> Counts:
    """Archive servers that the file does not name; what was said of them stays."""
    with connection.cursor() as cursor:
        cursor.execute(_ARCHIVED, given.values)
        return {"servers_removed": cursor.rowcount}
