"""What the program said of each account, as the engine takes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from eap.actions.base import Trouble, Unknown
from resets.backends.base import Done, Miss

SENTENCES: Final = {
    "system_account": "Its user id is that of a system account (or it is the one we sign in as).",
    "sessions_left": "Its processes could not be ended.",
    "keys_not_set_aside": "Its authorized_keys could not be set aside as the user himself.",
    "no_hash_fits": "The new hash can't stand in /etc/shadow.",
}
PASSING: Final = frozenset({"sessions_left"})
TO_OWNERS: Final = {
    "gone": "There is no such account any more.",
    "suspended_before": "This account was suspended before the reset; the support has to look at it first.",
    "newer_reset": "This account is being reset again; its owner will be told when a new password can be chosen.",
    "system_account": "This is no customer's account.",
}


def done_of(rows: Sequence[Sequence[str]], asked: Sequence[str], *, odd: Sequence[str] = ()) -> Done:
    """Count an answer. `odd` are logins that no Linux user can have. Raises `Unknown` when one is missing in it."""
    said = {row[0]: row[1] for row in rows if len(row) >= 2}
    missing = [login for login in asked if login not in said]
    if missing:
        raise Unknown(f"The host did not say what became of {len(missing)} accounts.")
    words = [(login, said[login]) for login in asked]
    return Done(
        applied=sum(word == "applied" for _login, word in words),
        unchanged=sum(word == "unchanged" for _login, word in words),
        skipped=(*(login for login, word in words if word in {"skipped", "gone"}), *odd),
        misses=tuple(
            Miss(login, word, SENTENCES.get(word, "The host refused it."), word in PASSING)
            for login, word in words
            if word not in {"applied", "unchanged", "skipped", "gone"}
        ),
    )


def tell_owner(word: str) -> None:
    """Raise what an owner is told, unless it was applied."""
    if word != "applied":
        raise Trouble(TO_OWNERS.get(word, "The password could not be set."))


def sentence_of_revoked(rows: Sequence[Sequence[str]], where: str) -> str:
    """Return what was set aside and what people should look at; "" when nothing was."""
    figures = [[int(each) for each in row[2:6]] for row in rows if len(row) >= 6]
    keys, new, crontabs, at_jobs = (sum(column) for column in zip(*figures, strict=True)) if figures else (0, 0, 0, 0)
    parts = []
    if keys:
        parts.append(f"{keys} SSH keys set aside, {new} of them in files that changed after the cutoff")
    if crontabs:
        parts.append(f"{crontabs} accounts have a crontab")
    if at_jobs:
        parts.append(f"{at_jobs} at jobs wait")
    return f"{where}: {'; '.join(parts)}." if parts else ""
