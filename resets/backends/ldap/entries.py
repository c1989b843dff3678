"""An account as its entry shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from resets.backends.ldap.connection import Row
from resets.backends.ldap.mark import Mark, read_mark
from resets.backends.ldap.settings import LdapSettings

LOCK: Final = "pwdAccountLockedTime"
FOR_GOOD: Final = "000001010000Z"
"""draft-behera-ldap-password-policy: locked until somebody who may takes it back."""
RESET: Final = "pwdReset"
POLICY: Final = "pwdPolicySubentry"
PASSWORD: Final = "userPassword"  # noqa: S105 - a name
DAYS_AT_MOST: Final = 6
"""shadowLastChange has five digits until the year 2243; a generalized time has at least ten."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One account. `set_at_value` is what the server says, as it says it; `hashes` is empty where we may not read."""

    dn: str
    login: str
    mark: Mark
    marks: tuple[str, ...]
    set_at_value: str = ""
    hashes: tuple[bytes, ...] = ()
    locked: str = ""
    must_change: bool = False
    policy: str = ""
    attribute: tuple[str, ...] = ()
    keys: tuple[bytes, ...] = ()

    @property
    def set_at(self) -> datetime | None:
        """Return when the password was set (UTC), None where nobody knows. Of a day, its beginning.

        Where a reset put an old hash out of force and brought it back, the server's time is that, not the password's.
        """
        if self.mark.way == "hash" and "enable" in self.mark.done and not self.mark.last_on_password:
            return None
        return read_time(self.set_at_value)


def attributes_of(given: LdapSettings) -> list[str]:
    """Return what has to be asked for."""
    wanted = [given.login, given.mark, given.set_at, PASSWORD, LOCK, RESET, POLICY, given.disable_attribute, given.keys]
    return list(dict.fromkeys(each for each in wanted if each))


def read_entry(row: Row, given: LdapSettings, *, login: str = "") -> Entry:
    """Read an entry that was asked for with `attributes_of`."""
    mark, marks = read_mark(texts(row.values, given.mark))
    return Entry(
        dn=row.dn,
        login=login or first(row.values, given.login),
        mark=mark,
        marks=tuple(marks),
        set_at_value=first(row.values, given.set_at),
        hashes=tuple(row.values.get(PASSWORD) or ()),
        locked=first(row.values, LOCK),
        must_change=first(row.values, RESET).upper() == "TRUE",
        policy=first(row.values, POLICY),
        attribute=tuple(texts(row.values, given.disable_attribute)),
        keys=tuple((row.values.get(given.keys) if given.keys else None) or ()),
    )


def first(values: Mapping[str, Sequence[bytes]], name: str) -> str:
    """Return an attribute's first value, "" where there is none."""
    return next(iter(texts(values, name)), "")


def texts(values: Mapping[str, Sequence[bytes]], name: str) -> list[str]:
    """Return an attribute's values as text."""
    return [each.decode("utf-8", "replace") for each in (values.get(name) if name else None) or ()]


def read_time(text: str) -> datetime | None:
    """Read a generalized time in UTC (RFC 4517, 3.3.13) or days since 1970; None for anything else."""
    if text.isdecimal() and len(text) <= DAYS_AT_MOST:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=int(text)) if int(text) else None
    whole = text.removesuffix("Z").split(".")[0].split(",")[0]
    for form in ("%Y%m%d%H%M%S", "%Y%m%d%H%M"):
        try:
            return datetime.strptime(whole, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
