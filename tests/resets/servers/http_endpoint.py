"""An endpoint as docs/reset-endpoint.md describes it: what a hosting company would write around its own accounts."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.resets.servers.peer import Asked, Said

SECRET = "shared-by-two-programs"
CLOCK_SKEW_S = 300


@dataclass
class Kept:
    """An account. `marks` are the operations it has had in `generation`."""

    password: str | None
    set_at: datetime
    out: bool = False
    kept_out_before: bool = False
    sessions: int = 1
    generation: int = 0
    marks: set[str] = field(default_factory=set)


@dataclass
class Endpoint:
    """The accounts, and every answer given under an idempotency key."""

    accounts: dict[str, Kept] = field(default_factory=dict)
    answered: dict[str, Any] = field(default_factory=dict)
    next: list[Said] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    page: int = 2

    def answer(self, asked: Asked) -> Said:  # noqa: PLR0911 - an answer for each function
        """Check the signature, then do what is asked."""
        if not self._is_genuine(asked):
            return Said(401, b'{"error":"signature"}')
        call = json.loads(asked.body)
        match call["operation"]:
            case "find":
                return _said(self._find(call))
            case "probe":
                return _said({"rights": [{"name": "accounts", "granted": True, "sentence": "May change accounts."}]})
            case "read_hashes":
                asked_for = [each["login"] for each in call["accounts"] if each["login"] in self.accounts]
                return _said({"hashes": [{"login": each, "hash": self._hash(each)} for each in asked_for]})
            case "verify":
                return _said({"checks": [self._check(each["login"], call) for each in call["accounts"]]})
        key = call["idempotency_key"]
        if key not in self.answered:
            self.answered[key] = {"results": [self._done(each, call) for each in call["accounts"]]}
            return _said(self.answered[key])
        # The same call again: looked at anew, and found done.
        return _said({"results": [self._done(each, call) for each in call["accounts"]]})

    def signs_in(self, login: str, password: str) -> bool:
        """Tell whether somebody gets in."""
        kept = self.accounts.get(login)
        return kept is not None and not kept.out and kept.password == password

    def _is_genuine(self, asked: Asked) -> bool:
        headers = {name.lower(): value for name, value in asked.headers.items()}
        stamp = headers.get("muster-timestamp", "0")
        seal = hmac.new(SECRET.encode(), stamp.encode() + b"." + asked.body, hashlib.sha256).hexdigest()
        fresh = abs(time.time() - int(stamp)) <= CLOCK_SKEW_S
        return fresh and hmac.compare_digest(headers.get("muster-signature", ""), f"v1={seal}")

    def _find(self, call: dict[str, Any]) -> dict[str, Any]:
        wanted, before = call["selection"], datetime.fromisoformat(call["selection"]["set_before"])
        if wanted["hosts"] or wanted["groups"] or wanted["plans"]:
            return {"accounts": [], "cursor": ""}
        names = sorted(
            login
            for login, kept in self.accounts.items()
            if kept.set_at < before and (not wanted["logins"] or login in wanted["logins"]) and login > call["cursor"]
        )
        rows = [{"login": each, "set_at": self.accounts[each].set_at.isoformat()} for each in names[: self.page]]
        return {"accounts": rows, "cursor": names[self.page - 1] if len(names) > self.page else ""}

    def _done(self, given: dict[str, str], call: dict[str, Any]) -> dict[str, Any]:
        outcome = self._outcome(given, call["operation"], call["generation"], datetime.fromisoformat(call["cutoff"]))
        return {"login": given["login"], "outcome": outcome}

    def _outcome(self, given: dict[str, str], operation: str, generation: int, cutoff: datetime) -> str:
        kept = self.accounts.get(given["login"])
        if kept is None:
            return "skipped"
        if kept.generation < generation:
            kept.generation, kept.marks, kept.kept_out_before = generation, set(), kept.out
        if kept.generation > generation or (operation in kept.marks and operation != "set_password"):
            return "unchanged"
        owned = "owned" in kept.marks or kept.set_at >= cutoff
        too_late = operation == "disable" and "enable" in kept.marks
        if operation not in ("enable", "set_password") and (owned or too_late):
            return "skipped"
        kept.marks.add("owned" if operation == "set_password" else operation)
        _change(kept, operation, given)
        return "applied"

    def _check(self, login: str, call: dict[str, Any]) -> dict[str, Any]:
        kept = self.accounts.get(login)
        since = kept is not None and kept.set_at >= datetime.fromisoformat(call["cutoff"])
        holds = kept is not None and (since or kept.password is None or bool({"lock", "rotate"} & kept.marks))
        return {"login": login, "what": "state_effective", "holds": holds, "sentence": "The password field was read."}

    def _hash(self, login: str) -> str:
        return hashlib.sha256(f"{login}:{self.accounts[login].password}".encode()).hexdigest()


def _change(kept: Kept, operation: str, given: dict[str, str]) -> None:
    match operation:
        case "set_password":
            kept.password, kept.set_at, kept.out = given["password"], datetime.now(UTC), False
        case "disable":
            kept.out = True
        case "lock":
            kept.password = None
        case "rotate":
            kept.password = given["hash"]
        case "revoke":
            kept.sessions = 0
        case "enable":
            kept.out = kept.kept_out_before


def _said(content: Any) -> Said:
    return Said(200, json.dumps(content).encode())
