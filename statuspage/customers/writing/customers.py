"""Customers and their assets from the staged lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from statuspage.customers.columns import Layout

Counts = dict[str, int]

_CUSTOMERS: Final = """
WITH given AS (
    SELECT number, max(name) AS name, max(email) AS email, max(language) AS language FROM given_row
    GROUP BY number ORDER BY number
), written AS (
    INSERT INTO statuspage_customer AS c (page_id, number, name, email, language, secret, created_at, updated_at)
    SELECT %(page)s, number, name, email, language, '', %(now)s, %(now)s FROM given
    ON CONFLICT (page_id, number) {conflict}
    RETURNING (xmax = 0) AS fresh
) SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh) FROM written
"""
_ASSETS: Final = """
WITH written AS (
    INSERT INTO statuspage_asset AS a (customer_id, kind, name, server_id)
    SELECT c.id, r.kind, r.asset, r.server
    FROM given_row r JOIN statuspage_customer c ON c.page_id = %(page)s AND c.number = r.number
    WHERE r.kind <> '' ORDER BY c.id, r.kind, r.asset
    ON CONFLICT (customer_id, kind, name) {conflict}
    RETURNING customer_id, (xmax = 0) AS fresh
), touched AS (
    INSERT INTO touched_customer SELECT customer_id FROM written
) SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh) FROM written
"""
_WANTED_LINKS: Final = """
CREATE TEMP TABLE wanted_link ON COMMIT DROP AS
SELECT a.id AS asset, a.customer_id AS customer, u.component
FROM given_row r
JOIN statuspage_customer c ON c.page_id = %(page)s AND c.number = r.number
JOIN statuspage_asset a ON a.customer_id = c.id AND a.kind = r.kind AND a.name = r.asset
LEFT JOIN unnest(r.components) AS u (component) ON true
"""
_OLD_LINKS: Final = """
WITH gone AS (
    DELETE FROM statuspage_asset_components l USING (SELECT DISTINCT asset, customer FROM wanted_link) w
    WHERE l.asset_id = w.asset
        AND NOT EXISTS (SELECT 1 FROM wanted_link k WHERE k.asset = l.asset_id AND k.component = l.component_id)
    RETURNING w.customer
) INSERT INTO touched_customer SELECT customer FROM gone
"""
_NEW_LINKS: Final = """
WITH fresh AS (
    INSERT INTO statuspage_asset_components (asset_id, component_id)
    SELECT asset, component FROM wanted_link WHERE component IS NOT NULL ORDER BY asset, component
    ON CONFLICT (asset_id, component_id) DO NOTHING
    RETURNING asset_id
) INSERT INTO touched_customer SELECT a.customer_id FROM fresh JOIN statuspage_asset a ON a.id = fresh.asset_id
"""
_TOUCHED: Final = """
UPDATE statuspage_customer SET updated_at = %(now)s
WHERE id IN (SELECT customer FROM touched_customer) AND updated_at <> %(now)s
"""
_SETTABLE: Final = ("name", "email", "language")


@dataclass(frozen=True, kw_only=True)
class Given:
    """What every step of writing is told: the page, what the file speaks of, the moment."""

    page_id: str
    language: str
    layout: Layout
    now: datetime

    @property
    def values(self) -> dict[str, str | datetime]:
        """Return the statements' parameters."""
        return {"page": self.page_id, "now": self.now, "language": self.language}


def write_customers(given: Given) -> Counts:
    """Add and change customers; what the file does not speak of stays as it is."""
    spoken = [name for name in _SETTABLE if given.layout.has(name)]
    conflict = _update("c", spoken, also=["updated_at"]) if spoken else "DO NOTHING"
    fresh, changed = _counted(_CUSTOMERS.format(conflict=conflict), given)
    return {"customers_new": fresh, "customers_changed": changed}


def write_assets(given: Given) -> Counts:
    """Add and change assets, and what they stand under. Customers whose assets changed count as changed from now."""
    if not given.layout.has("asset"):
        return {}
    conflict = _update("a", ["server_id"]) if given.layout.has("server") else "DO NOTHING"
    fresh, changed = _counted(_ASSETS.format(conflict=conflict), given)
    if given.layout.has("components"):
        with connection.cursor() as cursor:
            for statement in (_WANTED_LINKS, "ANALYZE wanted_link", _OLD_LINKS, _NEW_LINKS):
                cursor.execute(statement, given.values)
    return {"assets_new": fresh, "assets_changed": changed}


def touch_customers(given: Given) -> None:
    """Let the pages of everybody whose assets changed be made anew."""
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, given.values)


def _update(alias: str, columns: list[str], *, also: list[str] | None = None) -> str:
    """Return what happens to a row that is there: nothing, unless one of `columns` differs."""
    sets = ", ".join(f"{name} = EXCLUDED.{name}" for name in [*columns, *(also or [])])
    old, new = (", ".join(f"{place}.{name}" for name in columns) for place in (alias, "EXCLUDED"))
    return f"DO UPDATE SET {sets} WHERE ({old}) IS DISTINCT FROM ({new})"


def _counted(statement: str, given: Given) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given.values)
        fresh, changed = cursor.fetchone()
    return fresh, changed
