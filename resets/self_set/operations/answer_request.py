"""Find out whose login somebody asked about, and write each of its owners."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from resets.models import Account, SelfSetLetter, Token
from resets.self_set.codes import code_of, digest_of, new_nonce
from resets.self_set.operations.ask import post
from resets.self_set.rules import needs_proof
from resets.self_set.standing import accounts_called, standing_of

LIFE: Final = timedelta(minutes=30)
LIVE: Final = 3
"""Codes of one account that work at the same time: mails overtake one another."""


def answer_request(request: SelfSetLetter, *, now: datetime) -> int:
    """Keep a letter for each account that bears the login of a request; return how many.

    Letters go to the address that was on file when the accounts were frozen. Locks the accounts.
    """
    written = 0
    for account in accounts_called(request.login, now=now):
        standing = standing_of(account, now=now)
        if standing == "closed":
            continue
        kind = {"open": "code", "later": "later", "returned": "returned"}[standing]
        token = _mint(account, now=now) if kind == SelfSetLetter.Kind.CODE else None
        post(SelfSetLetter(kind=kind, account=account, token=token, language=request.language), now=now)
        written += 1
    return written


def _mint(account: Account, *, now: datetime) -> Token:
    """Make a new token; of the account's older ones the newest may stay."""
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    live = Token.objects.filter(account=account, used_at=None, expires_at__gt=now).order_by("-pk")
    Token.objects.filter(pk__in=list(live.values_list("pk", flat=True)[LIVE - 1 :])).update(expires_at=now)
    nonce = new_nonce()
    return Token.objects.create(
        account=account,
        nonce=nonce,
        digest=digest_of("token", code_of("token", nonce)),
        needs_proof=needs_proof(
            email_changed_at=account.email_changed_at,
            cutoff=account.reset.cutoff,
            trusts_mail=account.system.trusts_mail,
        ),
        created_at=now,
        expires_at=now + LIFE,
    )
