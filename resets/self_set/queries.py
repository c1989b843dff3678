"""How far owners have come back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from resets.models import Account, Reset, Return, Token
from resets.self_set.rules import RECENTLY


@dataclass(frozen=True, kw_only=True)
class ReturnFigures:
    """Owners who came back, by way; who are at it (a live code); whose mail address is not enough (in all)."""

    by_way: dict[str, int]
    at_it: int
    need_proof: int
    accounts: int

    @property
    def returned(self) -> int:
        """Return how many accounts have a password of their owner's again."""
        return sum(self.by_way.values())

    @property
    def stragglers(self) -> int:
        """Return how many have not."""
        return self.accounts - self.returned


def return_figures(reset: Reset, *, now: datetime) -> ReturnFigures:
    """Return how far the owners of a reset's accounts have come back."""
    ways = Return.objects.filter(account__reset=reset).order_by().values_list("via").annotate(count=Count("pk"))
    doubtful = Q(email_changed_at__gt=reset.cutoff - RECENTLY) | Q(email_changed_at=None, system__trusts_mail=False)
    return ReturnFigures(
        by_way=dict(ways),
        at_it=Token.objects.filter(account__reset=reset, used_at=None, expires_at__gt=now)
        .values("account")
        .distinct()
        .count(),
        need_proof=Account.objects.filter(doubtful, reset=reset).exclude(email="").count(),
        accounts=reset.count,
    )
