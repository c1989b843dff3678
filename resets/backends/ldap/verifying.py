"""Whether what a reset did has an effect: sign-ins with old passwords, and what the server says of the entry."""

from __future__ import annotations

from collections import Counter

from resets.backends.base import Check, Guard
from resets.backends.ldap import hashes
from resets.backends.ldap.connection import Directory
from resets.backends.ldap.entries import FOR_GOOD, Entry, first
from resets.backends.ldap.policy import Policies
from resets.backends.ldap.rules import is_disabled, set_by_owner
from resets.backends.ldap.settings import LdapSettings

CONNECTIONS = "cn=Connections,cn=Monitor"
AUTHORIZED = "monitorConnectionAuthzDN"


def old_password_refused(directory: Directory, entry: Entry, old: str) -> Check:
    """Sign in with the password of before; that must fail."""
    went, word = directory.lets_in(entry.dn, old)
    sentence = "The old password still signs in." if went else f"A bind with the old password was refused ({word})."
    return Check(entry.login, "old_refused", not went, sentence)


def state_effective(policies: Policies, entry: Entry, given: LdapSettings, guard: Guard) -> Check:
    """Look at the entry: disabled with effect, a marker, another hash, or its owner's new password."""
    holds, sentence = _state(policies, entry, given, guard)
    return Check(entry.login, "state_effective", holds, sentence)


def bound_names(directory: Directory) -> Counter[str] | None:
    """Return how many open connections are bound as each entry, by DN in small letters; None where the server does not
    show them (back-monitor, to whom may read it)."""
    if directory.row(CONNECTIONS, ["cn"]) is None:
        return None
    rows = directory.search(f"({AUTHORIZED}=*)", [AUTHORIZED], base=CONNECTIONS)
    return Counter(first(row.values, AUTHORIZED).lower() for row in rows)


def session_gone(entry: Entry, bound: Counter[str] | None) -> Check:
    """Look among the open connections."""
    if bound is None:
        sentence = "The directory shows its connections to nobody; one bound before stays so until it is closed."
        return Check(entry.login, "session_gone", None, sentence)
    if number := bound[entry.dn.lower()]:
        sentence = f"{number} connections are still bound as this account; a restart of the directory ends them."
        return Check(entry.login, "session_gone", False, sentence)
    return Check(entry.login, "session_gone", True, "No open connection is bound as this account.")


def _state(policies: Policies, entry: Entry, given: LdapSettings, guard: Guard) -> tuple[bool, str]:
    if entry.hashes and all(hashes.is_marker(each) for each in entry.hashes):
        return True, "A marker that fits no password stands in the place of the hash."
    for way in ("ppolicy", "attribute", "hash"):
        if is_disabled(entry, given, way) and (way != "ppolicy" or policies.of(entry).locks):
            return True, f"It is disabled ({way})."
    if set_by_owner(entry, guard):
        return True, "Its owner has set a password since the cutoff."
    if entry.mark.generation >= guard.generation and entry.mark.last_on_password:
        return True, "Its password was replaced by this reset."
    if entry.locked == FOR_GOOD:
        return False, "It is locked, but no policy with pwdLockout is in force, so the lock has no effect."
    return False, "Nothing keeps the password of before from being used."
