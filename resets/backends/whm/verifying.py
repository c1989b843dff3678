"""What a cPanel account shows after a reset."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode

from eap.actions.base import Trouble
from resets.backends.base import Check, Guard, Surroundings
from resets.backends.panels.calls import Line
from resets.backends.panels.notes import OWNED, Notes
from resets.backends.whm.api import FORM, Refused, WhmApi
from resets.backends.whm.settings import WhmSettings

REPLACING: Final = ("lock", "rotate", OWNED)


def check_account(
    login: str,
    *,
    api: WhmApi,
    notes: Notes,
    given: WhmSettings,
    shard: str,
    line: Line,
    around: Surroundings,
    guard: Guard,
) -> Iterator[Check]:
    """Yield what can be known: a password shows nowhere, so its change is our own note; tokens are looked up."""
    set_anew = any(notes.has(login, each, guard=guard) for each in REPLACING)
    yield Check(
        login,
        "state_effective",
        set_anew,
        "By our note the panel confirmed a new password."
        if set_anew
        else "No new password was confirmed by the panel in this reset.",
    )
    yield _old_password(login, given=given, shard=shard, line=line, around=around)
    if "/" not in login:
        yield _tokens(login, api)


def _tokens(login: str, api: WhmApi) -> Check:
    try:
        left = len(api.uapi(login, "Tokens", "list", {}, changes=False) or [])
    except Refused:
        return Check(login, "session_gone", None, "The panel does not list this account's API tokens.")
    return Check(login, "session_gone", left == 0, f"{left} API tokens are left, as the panel lists them.")


def _old_password(login: str, *, given: WhmSettings, shard: str, line: Line, around: Surroundings) -> Check:
    name = given.probes.get(login)
    where = given.servers[shard].sign_in_url
    if name is None or not where:
        return Check(login, "old_refused", None, "Nobody keeps its old password, so it was not tried.")
    body = urlencode({"user": login, "pass": around.secret(name)}).encode()
    try:
        answer = line.ask(
            "POST", f"{where}/login/?login_only=1", headers={"Content-Type": FORM}, body=body, changes=False
        )
        let_in = answer.status == 200 and json.loads(answer.body or b"{}").get("status") == 1
    except Trouble as trouble:
        if trouble.passing:
            return Check(login, "old_refused", None, f"The sign-in could not be tried: {trouble.sentence}")
        let_in = False
    except ValueError:
        return Check(login, "old_refused", None, "The sign-in answered something that is no JSON.")
    sentence = "The old password was tried at the panel's sign-in and "
    return Check(login, "old_refused", not let_in, sentence + ("let in." if let_in else "was refused."))
