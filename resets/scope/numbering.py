"""Turn the gathered accounts into the frozen scope: the canary, waves by chance, positions, a digest."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from math import ceil
from typing import Any, Final

from django.db import IntegrityError, connection

from eap.actions.base import Trouble
from resets.models import Reset
from resets.rules.canary import by_chance, too_many
from resets.scope.gather import Gathered

FIRST: Final = 100
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Numbered:
    """How many accounts, how many in each wave from the canary on, and the SHA-256 of the list."""

    count: int
    waves: tuple[int, ...]
    digest: str


def number(reset: Reset, gathered: Gathered) -> Numbered:
    """Write the accounts of a reset that has none yet, in the caller's transaction. Raises `Trouble` when a system
    handed out an account twice, or too many were named to go first."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute(_STAGE)
        with cursor.copy("COPY found_account FROM STDIN") as copy:
            while block := gathered.file.read(_BLOCK):
                copy.write(block)
        cursor.execute("ANALYZE found_account")
        _choose_canary(cursor)
        bounds = _bounds(cursor)
        try:
            cursor.execute(_NUMBER, [*bounds, reset.pk])
        except IntegrityError as error:
            raise Trouble(
                "A system handed out the same account twice on one host; its mapping has to name a column that is"
                f" unique. {str(error).partition('DETAIL:')[2].strip()[:200]}"
            ) from error
        cursor.execute("ANALYZE resets_account")
        cursor.execute("SELECT wave, count(*) FROM resets_account WHERE reset_id = %s GROUP BY wave", [reset.pk])
        sizes = dict(cursor.fetchall())
        waves = tuple(sizes.get(wave, 0) for wave in range(5))
        return Numbered(count=sum(waves), waves=waves, digest=digest_of(cursor, reset))


def _choose_canary(cursor: Any) -> None:
    """Where nobody named accounts to go first, a few go by chance: those with the smallest lots.

    Raises `Trouble` where too many of a system were named.
    """
    cursor.execute(_NAMED)
    for system, name, count, named in cursor.fetchall():
        if sentence := too_many(name, named):
            raise Trouble(sentence)
        if not named:
            cursor.execute(_BY_CHANCE, [system, by_chance(count)])


def _bounds(cursor: Any) -> list[int | None]:
    """Return the largest lot of the first 100, of the 1 % and of the 10 % (of all beside the canary)."""
    cursor.execute("SELECT count(*) FROM found_account WHERE NOT named")
    (count,) = cursor.fetchone()
    first = min(count, FIRST)
    one = min(count, first + ceil(count / 100))
    ten = min(count, one + ceil(count / 10))
    bounds: list[int | None] = []
    for rank in (first, one, ten):
        cursor.execute(
            "SELECT lot FROM found_account WHERE NOT named ORDER BY lot OFFSET %s LIMIT 1", [max(0, rank - 1)]
        )
        row = cursor.fetchone()
        bounds.append(row[0] if row else None)
    return bounds


def digest_of(cursor: Any, reset: Reset) -> str:
    """Return the SHA-256 over "system TAB shard TAB login LF" of all accounts in their order (as COPY writes text)."""
    digest = sha256()
    with cursor.copy(_LIST, [reset.pk]) as copy:
        for block in copy:
            digest.update(block)
    return digest.hexdigest()


_STAGE: Final = """
CREATE TEMP TABLE found_account (
    system bigint, shard text, login text, lot bigint, named boolean, set_at timestamptz, email text,
    email_changed_at timestamptz, language text, customer text
) ON COMMIT DROP
"""
_NAMED: Final = """
SELECT system.id, system.name, count(*), count(*) FILTER (WHERE found_account.named)
FROM found_account JOIN resets_system AS system ON system.id = found_account.system
GROUP BY system.id ORDER BY system.id
"""
_BY_CHANCE: Final = """
UPDATE found_account SET named = true
WHERE ctid = ANY (ARRAY(SELECT ctid FROM found_account WHERE system = %s ORDER BY lot LIMIT %s))
"""
_NUMBER: Final = """
WITH sorted AS (
    SELECT *, CASE
        WHEN named THEN 0 WHEN lot <= %s THEN 1 WHEN lot <= %s THEN 2 WHEN lot <= %s THEN 3 ELSE 4
    END AS wave
    FROM found_account
)
INSERT INTO resets_account
    (reset_id, system_id, shard, login, position, wave, set_at, email, email_changed_at, language, customer)
SELECT %s, system, shard, login,
    row_number() OVER (ORDER BY wave, system, shard COLLATE "C", login COLLATE "C"),
    wave, set_at, email, email_changed_at, language, customer
FROM sorted
ORDER BY wave, system, shard COLLATE "C", login COLLATE "C"
"""
_LIST: Final = """
COPY (
    SELECT system.key, account.shard, account.login
    FROM resets_account AS account JOIN resets_system AS system ON system.id = account.system_id
    WHERE account.reset_id = %s ORDER BY account.position
) TO STDOUT
"""
