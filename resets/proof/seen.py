"""What looks at accounts came to, system by system, in words that claim no more than was tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from resets.models import AccountCheck, Reset, Verification
from resets.proof.sampling import bound


@dataclass(frozen=True, kw_only=True)
class Part:
    """One system's canary or sample. `sign_ins` are real sign-ins tried with known old passwords; `states` are accounts
    whose state was read back. `bound_ppm`: at 95 % confidence, at most so many of a million accounts like these are not
    as they should be; None for the canary, of which all were looked at, and where nobody could look."""

    system: str
    canary: bool
    accounts: int
    sign_ins: int
    states: int
    sessions: int
    failed: int
    untried: int
    bound_ppm: int | None
    failures: tuple[str, ...]
    """Up to twenty sentences, each with the login before it."""

    @property
    def sentence(self) -> str:
        """Return what it means."""
        looked_at = self.accounts - self.untried
        if looked_at == 0:
            return f"None of {self.accounts} could be looked at."
        ways = [
            f"{self.sign_ins} tried with their old password" if self.sign_ins else "",
            f"{self.states} by their state on the system" if self.states else "",
            f"{self.sessions} for open sessions" if self.sessions else "",
        ]
        how = "; ".join(way for way in ways if way)
        seen = f"{self.failed} of {looked_at} accounts are not as they should be ({how})."
        if self.untried:
            seen += f" {self.untried} could not be looked at."
        if self.bound_ppm is not None:
            seen += f" With 95 % confidence at most {self.bound_ppm / 10_000:.2f} % of all are not."
        return seen


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One look."""

    started_at: datetime
    ended_at: datetime | None
    canary_only: bool
    holds: bool
    parts: tuple[Part, ...]


def looks(reset: Reset) -> tuple[Seen, ...]:
    """Return every look at a reset's accounts, the first one first."""
    return tuple(seen(row) for row in Verification.objects.filter(reset=reset))


def seen(row: Verification) -> Seen:
    """Return what one look came to. It holds when it ended, nothing failed, and something was looked at."""
    return Seen(
        started_at=row.started_at,
        ended_at=row.ended_at,
        canary_only=row.canary_only,
        holds=row.ended_at is not None and row.failed == 0 and row.looked_at > 0,
        parts=_parts(row),
    )


def _parts(row: Verification) -> tuple[Part, ...]:
    checks = AccountCheck.objects.filter(verification=row)
    tried = checks.exclude(holds=None)
    figures = (
        checks.order_by()
        .values("system__key", "canary")
        .annotate(
            accounts=Count("account", distinct=True),
            looked_at=Count("account", distinct=True, filter=Q(holds__isnull=False)),
            failed=Count("account", distinct=True, filter=Q(holds=False)),
            sign_ins=Count("account", distinct=True, filter=Q(what="old_refused", holds__isnull=False)),
            states=Count("account", distinct=True, filter=Q(what="state_effective", holds__isnull=False)),
            sessions=Count("account", distinct=True, filter=Q(what="session_gone", holds__isnull=False)),
        )
    )
    found = []
    for each in sorted(figures, key=lambda each: (each["system__key"], not each["canary"])):
        of_part = tried.filter(system__key=each["system__key"], canary=each["canary"], holds=False)
        failures = of_part.values_list("account__login", "sentence").order_by("account__position")[:20]
        found.append(
            Part(
                system=each["system__key"],
                canary=each["canary"],
                accounts=each["accounts"],
                sign_ins=each["sign_ins"],
                states=each["states"],
                sessions=each["sessions"],
                failed=each["failed"],
                untried=each["accounts"] - each["looked_at"],
                bound_ppm=None if each["canary"] else _ppm(bound(each["failed"], each["looked_at"])),
                failures=tuple(f"{login}: {sentence}" for login, sentence in failures),
            )
        )
    return tuple(found)


def _ppm(share: float | None) -> int | None:
    return None if share is None else round(share * 1_000_000)
