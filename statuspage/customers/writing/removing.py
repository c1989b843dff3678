"""What a file that replaces everything no longer names is taken away."""

from __future__ import annotations

from typing import Final

from django.db import connection

from statuspage.customers.writing.customers import Counts, Given

_MISSING_CUSTOMERS: Final = """
CREATE TEMP TABLE missing_customer ON COMMIT DROP AS SELECT c.id FROM statuspage_customer c
WHERE c.page_id = %(page)s AND NOT EXISTS (SELECT 1 FROM given_row r WHERE r.number = c.number)
"""
_MISSING_ASSETS: Final = """
CREATE TEMP TABLE missing_asset ON COMMIT DROP AS
SELECT a.id, a.customer_id FROM statuspage_asset a JOIN statuspage_customer c ON c.id = a.customer_id
WHERE c.page_id = %(page)s AND (
    c.id IN (SELECT id FROM missing_customer)
    OR (%(assets)s AND NOT EXISTS (
        SELECT 1 FROM given_row r WHERE r.number = c.number AND r.kind = a.kind AND r.asset = a.name))
)
"""
_MISSING_SUBSCRIBERS: Final = """
CREATE TEMP TABLE missing_subscriber ON COMMIT DROP AS
SELECT id FROM statuspage_subscriber WHERE customer_id IN (SELECT id FROM missing_customer)
"""
_GOING: Final = (
    "INSERT INTO touched_customer SELECT customer_id FROM missing_asset",
    "DELETE FROM statuspage_asset_components WHERE asset_id IN (SELECT id FROM missing_asset)",
    "DELETE FROM statuspage_asset WHERE id IN (SELECT id FROM missing_asset)",
    "DELETE FROM statuspage_notice WHERE subscriber_id IN (SELECT id FROM missing_subscriber)",
    "DELETE FROM statuspage_subscriber_components WHERE subscriber_id IN (SELECT id FROM missing_subscriber)",
    "DELETE FROM statuspage_subscriber WHERE id IN (SELECT id FROM missing_subscriber)",
    "UPDATE statuspage_comment SET customer_id = NULL WHERE customer_id IN (SELECT id FROM missing_customer)",
    "DELETE FROM statuspage_customer WHERE id IN (SELECT id FROM missing_customer)",
)


def remove_missing(given: Given) -> Counts:
    """Remove customers that the file does not name, with all that is theirs, and assets, where it speaks of assets."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS missing_customer, missing_asset, missing_subscriber")
        cursor.execute(_MISSING_CUSTOMERS, given.values)
        cursor.execute(_MISSING_ASSETS, {**given.values, "assets": given.layout.has("asset")})
        cursor.execute(_MISSING_SUBSCRIBERS)
        cursor.execute("ANALYZE missing_customer; ANALYZE missing_asset")
        cursor.execute("SELECT (SELECT count(*) FROM missing_customer), (SELECT count(*) FROM missing_asset)")
        customers, assets = cursor.fetchone()
        for statement in _GOING:
            cursor.execute(statement)
    return {"customers_removed": customers, "assets_removed": assets}
