"""Which password policy is in force for an entry, and whether its locks count."""

from __future__ import annotations

from dataclasses import dataclass

from resets.backends.ldap.connection import Directory
from resets.backends.ldap.entries import Entry, first
from resets.backends.ldap.settings import LdapSettings


@dataclass(frozen=True, slots=True)
class Policy:
    """What a policy says. `readable`: false where its entry is not there or may not be read."""

    dn: str
    readable: bool
    locks: bool
    checks_hashes: bool = False


class Policies:
    """The policies of one directory, each read once."""

    def __init__(self, directory: Directory, given: LdapSettings) -> None:
        self._directory, self._given = directory, given
        self._read: dict[str, Policy] = {}

    def of(self, entry: Entry) -> Policy:
        """Return the policy in force: the entry's own, else the default one."""
        return self.named(entry.policy or self._given.policy)

    def named(self, dn: str) -> Policy:
        """Return a policy by its DN; one without a name locks nothing."""
        key = dn.lower()
        if key not in self._read:
            self._read[key] = self._ask(dn)
        return self._read[key]

    def way_for(self, entry: Entry) -> str:
        """Return by what this account is disabled, "" where nothing that is configured would have an effect."""
        if self._given.disable_by != "ppolicy":
            return self._given.disable_by
        return "ppolicy" if self.of(entry).locks else self._given.otherwise

    def _ask(self, dn: str) -> Policy:
        row = self._directory.row(dn, ["pwdLockout", "pwdCheckQuality"]) if dn else None
        if row is None:
            return Policy(dn, readable=False, locks=False)
        locks = first(row.values, "pwdLockout").upper() == "TRUE"
        return Policy(dn, readable=True, locks=locks, checks_hashes=first(row.values, "pwdCheckQuality") == "2")
