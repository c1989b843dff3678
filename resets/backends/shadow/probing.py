"""What a host said of itself, as a dry run shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from resets.backends.base import Probe
from resets.backends.shadow.settings import ShadowSettings

OURS: Final = frozenset({"files", "compat", "systemd", "extrausers", "db"})


def probes_of(rows: Sequence[Sequence[str]], where: str, given: ShadowSettings) -> list[Probe]:
    """Read the answer of one host."""
    has = {row[1] for row in rows if row[0] == "has"}
    lacks = {row[1] for row in rows if row[0] == "lacks"}
    tools = sorted(lacks - {"root", "shadow", "folder"})
    found = [
        Probe(f"{where}: root", "root" in has, f"{given.user} {'is' if 'root' in has else 'does not become'} root."),
        Probe(f"{where}: programs", not tools, f"Missing: {', '.join(tools)}." if tools else "All programs are there."),
        Probe(f"{where}: shadow", "shadow" in has, _of("/etc/shadow", "shadow" in has)),
        Probe(f"{where}: state", "folder" in has, _of(given.folder, "folder" in has)),
    ]
    sshd = [(row[1], row[2]) for row in rows if row[0] == "sshd" and len(row) == 3]
    if left := sorted({value for name, value in sshd if _is_left(name, value, given)}):
        sentence = f"sshd also takes keys from {', '.join(left)}, which revoking does not set aside."
        found.append(Probe(f"{where}: other keys", False, sentence, needed=False))
    if given.revoked_keys:
        same = ("revokedkeys", given.revoked_keys) in sshd
        sentence = f"sshd reads {given.revoked_keys}." if same else f"sshd does not read {given.revoked_keys}."
        found.append(Probe(f"{where}: RevokedKeys", same, sentence, needed=False))
    elsewhere = [each for row in rows if row[0] == "nss" for each in row[1].split() if each.isalpha()]
    if others := sorted(set(elsewhere) - OURS):
        sentence = f"Users also come from {', '.join(others)}; those are not in /etc/shadow and not in this reset."
        found.append(Probe(f"{where}: other users", True, sentence, needed=False))
    return found


def _is_left(name: str, value: str, given: ShadowSettings) -> bool:
    """Return whether sshd takes keys from there past the files in the users' homes."""
    if name == "authorizedkeysfile":
        return value.removeprefix("%h/") not in given.key_files
    return name in {"authorizedkeyscommand", "trustedusercakeys"} and value != "none"


def _of(path: str, granted: bool) -> str:
    return f"{path} may be written." if granted else f"{path} can't be written."
