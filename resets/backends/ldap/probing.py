"""Every right that a reset will need, tried without a change: by taking away values that are not there."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from resets.backends.base import Probe
from resets.backends.ldap import connection as ldap
from resets.backends.ldap.connection import Directory
from resets.backends.ldap.entries import LOCK, PASSWORD, Entry, attributes_of, read_entry
from resets.backends.ldap.mark import PREFIX
from resets.backends.ldap.policy import Policies
from resets.backends.ldap.rules import DELETE
from resets.backends.ldap.settings import LdapSettings


def probes(directory: Directory, policies: Policies, given: LdapSettings) -> Iterator[Probe]:
    """Try with the first account that is found."""
    row = next(iter(directory.search(given.filter, [*attributes_of(given), "objectClass"])), None)
    if row is None:
        yield Probe("find", False, f"Nothing under {given.base} fits {given.filter}.")
        return
    entry = read_entry(row, given)
    yield Probe("find", True, f"Accounts are found under {given.base}.")
    yield _times(given, entry)
    yield Probe("read_hashes", *_hashes(entry), needed=False)
    yield _write(directory, entry, "password", PASSWORD)
    yield _write(directory, entry, "mark", given.mark, value=f"{PREFIX}0:::")
    yield _allowed(directory.schema(), given.mark, [each.decode() for each in row.values.get("objectClass") or ()])
    yield from _disable(directory, policies, given, entry)
    asserts = directory.knows(ldap.ASSERTION)
    yield Probe(
        "assertion",
        asserts,
        "Each change is made only if the password is still the one that was looked at (RFC 4528)."
        if asserts
        else "The server has no assertion control: a password set in the moment of a change could be overwritten.",
        needed=False,
    )
    sets = directory.knows(ldap.PASSWORD_MODIFY)
    yield Probe(
        "set_password",
        sets,
        "RFC 3062 is " + ("there." if sets else "missing: owners can't choose here."),
        needed=False,
    )


def _times(given: LdapSettings, entry: Entry) -> Probe:
    if not given.set_at:
        return Probe(
            "set_at",
            False,
            "No attribute says when a password was set: every account counts as set before.",
            needed=False,
        )
    if entry.set_at_value:
        return Probe("set_at", True, f"{given.set_at} says when a password was set.")
    sentence = f"The account looked at has no {given.set_at}: it counts as set before the cutoff."
    return Probe("set_at", True, sentence)


def _hashes(entry: Entry) -> tuple[bool, str]:
    if entry.hashes:
        return True, "Old hashes can be read, to be sealed."
    return False, "Old hashes can't be read (or the account looked at has none): there will be nothing to seal."


def _write(directory: Directory, entry: Entry, name: str, attribute: str, *, value: str = "") -> Probe:
    value = value or f"probe-{secrets.token_hex(8)}"
    code = directory.modify(entry.dn, {attribute: [(DELETE, [value])]})
    if code in {ldap.NO_SUCH_ATTRIBUTE, ldap.OK}:
        return Probe(name, True, f"{attribute} may be written.")
    if code == ldap.INSUFFICIENT_ACCESS:
        return Probe(name, False, f"Our sign-in may not write {attribute}.")
    return Probe(name, False, f"{attribute} can't be written (LDAP result {code}).")


def _disable(directory: Directory, policies: Policies, given: LdapSettings, entry: Entry) -> Iterator[Probe]:
    way = policies.way_for(entry)
    if given.disable_by == "ppolicy":
        policy = policies.of(entry)
        if not policy.dn:
            found = "No default policy is configured and the account has none of its own"
        elif not policy.readable:
            found = f"The policy {policy.dn} can't be read"
        else:
            found = f"The policy {policy.dn} has " + ("pwdLockout" if policy.locks else "no pwdLockout")
        instead = f"; {way} is taken instead" if way and way != "ppolicy" else ""
        without = "" if way else ": a lock would be written without an effect"
        yield Probe("disable", bool(way), f"{found}{instead}{without}.")
        if policy.checks_hashes:
            sentence = f"{policy.dn} has pwdCheckQuality 2: it refuses ready hashes unless the directory's root writes."
            yield Probe("ready_hashes", False, sentence)
    else:
        yield Probe("disable", True, f"Accounts are disabled by {way}.")
    if way == "ppolicy":
        yield _write(directory, entry, "lock", LOCK, value="19700101000000Z")
    elif way == "attribute":
        yield _write(directory, entry, "lock", given.disable_attribute, value=given.disable_value + "-probe")


def _allowed(schema: Any, name: str, classes: list[str]) -> Probe:
    """Say whether the account's classes may have the attribute."""
    if schema is None:
        return Probe("mark_allowed", True, "The server shows no schema; whether the mark is allowed will show.")
    found, waiting = False, list(classes)
    while waiting and not found:
        each = schema.object_classes.get(waiting.pop()) if schema.object_classes else None
        if each is not None:
            names = {known.lower() for known in (*(each.must_contain or ()), *(each.may_contain or ()))}
            found = name.lower() in names
            waiting += each.superior or ()
    sentence = f"{name} is {'' if found else 'not '}allowed for accounts of the classes {', '.join(sorted(classes))}."
    return Probe("mark_allowed", found, sentence)
