"""What each operation changes on an entry. Pure: an entry, the guard and the way in, changes or a reason out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from resets.backends.base import Guard
from resets.backends.ldap import hashes
from resets.backends.ldap.entries import FOR_GOOD, LOCK, PASSWORD, RESET, Entry
from resets.backends.ldap.mark import Mark
from resets.backends.ldap.settings import LdapSettings

Operation = Literal["disable", "lock", "rotate", "revoke", "enable", "set_password"]
Way = str
Writes = dict[str, list[tuple[str, list[str | bytes]]]]

ADD, DELETE, REPLACE = "MODIFY_ADD", "MODIFY_DELETE", "MODIFY_REPLACE"


@dataclass(frozen=True, kw_only=True)
class Change:
    """What to write. Where it writes the password of a locked account, `relock` says that the lock must be there after
    it: a policy takes the lock away when an administrator sets a password."""

    writes: Writes = field(default_factory=dict)
    relock: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """Why nothing is written."""

    why: Literal["unchanged", "skipped", "no_way_to_disable", "hash_not_readable"]


def change_for(
    operation: Operation, entry: Entry, *, guard: Guard, given: LdapSettings, way: Way, new_hash: str = ""
) -> Change | Not:
    """Return what `operation` writes. `way` is by what this account is disabled; `new_hash` belongs to rotate."""
    if operation not in {"enable", "set_password"} and set_by_owner(entry, guard):
        return Not("skipped")
    if operation == "disable":
        return _disable(entry, guard, given, way)
    if operation in {"lock", "rotate"}:
        return _write_password(operation, entry, guard, given, new_hash)
    if entry.mark.has(operation, guard.generation) and operation != "set_password":
        return Not("unchanged")
    if operation == "revoke":
        return _revoke(entry, guard, given)
    return _enable(operation, entry, guard, given)


def set_by_owner(entry: Entry, guard: Guard) -> bool:
    """Return whether the password is one that its owner set after the cutoff: it is newer, and no reset wrote it.

    An entry whose hash we may not read and which a reset locked counts as still locked. A hash out of force is nobody's
    new password, and bringing one back (`Entry.set_at`) says nothing about its age.
    """
    if entry.set_at is None or entry.set_at <= guard.cutoff:
        return False
    if entry.hashes and all(hashes.is_out_of_force(each) for each in entry.hashes):
        return False
    last = entry.mark.last_on_password
    return not (last == "rotate" or (last == "lock" and not entry.hashes))


def is_disabled(entry: Entry, given: LdapSettings, way: Way) -> bool:
    """Return whether the account is disabled by this way."""
    if way == "ppolicy":
        return entry.locked == FOR_GOOD
    if way == "attribute":
        return given.disable_value in entry.attribute
    return bool(entry.hashes) and all(hashes.is_out_of_force(each) for each in entry.hashes)


def _disable(entry: Entry, guard: Guard, given: LdapSettings, way: Way) -> Change | Not:
    if not way:
        return Not("no_way_to_disable")
    disabled = is_disabled(entry, given, way)
    # By hash, a marker is a disabled account too, and it is an earlier reset's.
    ours = entry.mark.keeps_disabled or (way == "hash" and disabled and not _held_by_hash(entry))
    if entry.mark.has("enable", guard.generation) or (entry.mark.has("disable", guard.generation) and disabled):
        return Not("unchanged")
    if way == "hash" and not entry.hashes:
        return Not("hash_not_readable")
    before = (disabled or entry.locked == FOR_GOOD or _held_by_hash(entry)) and not ours
    mark = entry.mark.after("disable", guard.generation)
    writes = _marked(entry, Mark(mark.generation, mark.done, way, mark.disabled_before or before), given)
    if not disabled:
        if way == "ppolicy":
            writes[LOCK] = [(REPLACE, [FOR_GOOD])]
        elif way == "attribute":
            writes[given.disable_attribute] = [(REPLACE, [given.disable_value])]
        else:
            writes[PASSWORD] = [(REPLACE, [hashes.put_out_of_force(each) for each in entry.hashes])]
    return Change(writes=writes, relock=way == "hash" and entry.locked == FOR_GOOD)


def _write_password(
    operation: Operation, entry: Entry, guard: Guard, given: LdapSettings, new_hash: str
) -> Change | Not:
    """Lock or rotate. A lock that stood before stands after: it goes and comes in the same request."""
    keeps_locked = entry.mark.keeps_disabled and entry.mark.way == "ppolicy"
    if entry.mark.has(operation, guard.generation):
        if keeps_locked and entry.locked != FOR_GOOD:
            return Change(relock=True)
        return Not("unchanged")
    if operation == "lock":
        written = hashes.marker(guard.generation)
    else:
        by_hash = entry.mark.keeps_disabled and entry.mark.way == "hash"
        written = hashes.ready(new_hash)
        written = hashes.put_out_of_force(written) if by_hash or _held_by_hash(entry) else written
    writes = _marked(entry, entry.mark.after(operation, guard.generation), given)
    writes[PASSWORD] = [(REPLACE, [written])]
    if entry.locked == FOR_GOOD:
        writes[LOCK] = [(DELETE, []), (ADD, [FOR_GOOD])]
    return Change(writes=writes, relock=keeps_locked or entry.locked == FOR_GOOD)


def _revoke(entry: Entry, guard: Guard, given: LdapSettings) -> Change:
    writes = _marked(entry, entry.mark.after("revoke", guard.generation), given)
    keys = [each for each in entry.keys if not each.lstrip().startswith(b"#")]
    if not keys:
        return Change(writes=writes)
    if given.keys_aside:
        writes[given.keys] = [(DELETE, list(keys))]
        writes[given.keys_aside] = [(ADD, list(keys))]
    else:
        aside = [b"# set aside by reset %d: %s" % (guard.generation, each) for each in keys]
        writes[given.keys] = [(DELETE, list(keys)), (ADD, list(aside))]
    return Change(writes=writes)


def _enable(operation: Operation, entry: Entry, guard: Guard, given: LdapSettings) -> Change:
    """Take back what a reset did, and nothing that somebody else did."""
    writes = _marked(entry, entry.mark.after(operation, guard.generation).after("enable", guard.generation), given)
    if entry.mark.keeps_disabled:
        if entry.mark.way == "ppolicy" and entry.locked == FOR_GOOD:
            writes[LOCK] = [(DELETE, [])]
        elif entry.mark.way == "attribute" and given.disable_value in entry.attribute:
            writes[given.disable_attribute] = [(DELETE, [given.disable_value])]
        elif entry.mark.way == "hash" and operation == "enable":
            back: list[str | bytes] = [hashes.bring_back(each) for each in entry.hashes]
            if back != list(entry.hashes):
                writes[PASSWORD] = [(REPLACE, back)]
    if operation == "set_password" and entry.must_change:
        writes[RESET] = [(DELETE, [])]
    return Change(writes=writes)


def _held_by_hash(entry: Entry) -> bool:
    """Return whether somebody put the hash out of force; a reset's marker is not that."""
    return any(hashes.is_out_of_force(each) and not hashes.is_marker(each) for each in entry.hashes)


def _marked(entry: Entry, mark: Mark, given: LdapSettings) -> Writes:
    """Exchange the old mark for the new one. Somebody else's in the meantime makes the server refuse."""
    if entry.marks == (str(mark),):
        return {}
    removed: list[tuple[str, list[str | bytes]]] = [(DELETE, list(entry.marks))] if entry.marks else []
    return {given.mark: [*removed, (ADD, [str(mark)])]}
