"""What only all lines together can show: contradictions, duplicates, consent without an address."""

from __future__ import annotations

from typing import Final

from django.db import connection

from statuspage.customers.columns import Kind
from statuspage.customers.reading import MOST_FAULTS, Fault

_CONTRADICTION: Final = """
SELECT r.line, format('%(column)s: customer %%s has “%%s” in line %%s.', r.number, left(f.value, 60), f.line)
FROM given_row r JOIN (
    SELECT DISTINCT ON (number) number, line, %(column)s::text AS value FROM given_row
    WHERE coalesce(%(column)s::text, '') <> '' ORDER BY number, line
) f USING (number)
WHERE coalesce(r.%(column)s::text, '') <> '' AND r.%(column)s::text <> f.value
"""
_DUPLICATE_ASSET: Final = """
SELECT line, format('asset: customer %%s has the %%s “%%s” in line %%s already.', number, kind, left(asset, 60), first)
FROM (SELECT *, min(line) OVER (PARTITION BY number, kind, asset) AS first FROM given_row WHERE kind <> '') r
WHERE line > first
"""
_DUPLICATE_SERVER: Final = """
SELECT line, format('server: “%%s” stands in line %%s already.', left(name, 60), first)
FROM (SELECT *, min(line) OVER (PARTITION BY name) AS first FROM given_server) r WHERE line > first
"""
_NOBODY_TO_TELL: Final = """
SELECT min(r.line), format('notify: customer %%s has no e-mail address.', r.number)
FROM given_row r LEFT JOIN statuspage_customer c ON c.number = r.number AND c.page_id = %(page)s
GROUP BY r.number, c.email
HAVING bool_or(r.notify) AND max(r.email) = '' AND (%(has_email)s OR coalesce(c.email, '') = '')
"""
_STILL_LIVED_ON: Final = """
SELECT 1, format('Server “%%s” is missing from the file, but %%s assets live on it. Import where they went first.',
    s.name, count(*))
FROM statuspage_server s JOIN statuspage_asset a ON a.server_id = s.id
WHERE s.page_id = %(page)s AND s.archived_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM given_server g WHERE g.name = s.name) GROUP BY s.name
"""
_CUSTOMERS: Final = (
    *(_CONTRADICTION.replace("%(column)s", column) for column in ("name", "email", "language", "notify")),
    _DUPLICATE_ASSET,
    _NOBODY_TO_TELL,
)


def faults_together(kind: Kind, *, page_id: str, has_email: bool, replace: bool) -> list[Fault]:
    """Return what is wrong with the staged lines as a whole, by line, at most 50."""
    if kind == Kind.CUSTOMERS:
        statements = _CUSTOMERS
    else:
        statements = (_DUPLICATE_SERVER, _STILL_LIVED_ON) if replace else (_DUPLICATE_SERVER,)
    found: list[Fault] = []
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(f"{statement} ORDER BY 1 LIMIT {MOST_FAULTS}", {"page": page_id, "has_email": has_email})
            found += [Fault(line, sentence) for line, sentence in cursor.fetchall()]
    return sorted(found, key=lambda fault: fault.line)[:MOST_FAULTS]
