"""Set the password that an account's owner chose, once for each token."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from eap.actions.base import Trouble, Unknown
from resets.backends.base import Guard
from resets.models import Account, Host, Return, SelfSetLetter, SupportCode, Token
from resets.news import progressed
from resets.opening import open_backend
from resets.self_set.codes import digest_of
from resets.self_set.operations.ask import post
from resets.self_set.operations.prove import prove
from resets.self_set.rules import what_is_wrong
from resets.self_set.standing import standing_of
from web.errors import BadInput, IllegalMove, LinkExpired, NotFound, Refusal

log = structlog.get_logger(__name__)

TIMEOUT_S: Final = 15.0
LEASE: Final = timedelta(seconds=60)
"""Four times what a system is waited for: whoever holds a token longer is dead."""
AT_ONCE: Final = 3
"""Threads of one process that wait for systems: the others go on showing pages."""
_places: Final = threading.BoundedSemaphore(AT_ONCE)


class Away(Refusal):
    """The system that holds the account can't be asked now. Nothing is used up."""

    status = 503
    title = "Not possible now"


def token_for(code: str, *, now: datetime) -> Token:
    """Return the token of a code with its account, reset and system; raise `NotFound` or `LinkExpired`.

    Unknown and misspelt ones are answered alike, by one query.
    """
    digest = digest_of("token", code)
    token = (
        Token.objects.select_related("account__reset", "account__system").filter(digest=digest).first()
        if digest
        else None
    )
    if token is None:
        raise NotFound(_("This code is not valid. Copy it from the newest mail, or ask for another one."))
    if token.used_at is not None:
        raise LinkExpired(_("This code was used already. Each one works once."))
    if token.expires_at <= now:
        raise LinkExpired(_("This code has expired. Ask for another one."))
    return token


def check_open(account: Account, *, now: datetime) -> None:
    """Raise `IllegalMove` with what to do unless the owner may set a password now."""
    standing = standing_of(account, now=now)
    if standing == "returned":
        raise IllegalMove(_("A new password was set already. If it was not you, call our support now."))
    if standing == "later":
        raise IllegalMove(_("This account is still being secured. Try again in an hour; your code may expire."))
    if standing == "closed":
        raise IllegalMove(_("This account can't be opened here at the moment. Our support helps you."))


def set_password(*, code: str, password: str, repeated: str, number: str, proof: str, now: datetime) -> Account:
    """Set the password of the account that `code` opens, enable the account, and tell its owner; return the account.

    Call it outside any transaction: the system is asked in between. Raises `BadInput` for a password or proof that is
    not taken, `LinkExpired` and `NotFound` for the code, `IllegalMove` for the account, and `Away` while its system
    does not answer; after each of these the code still works unless it says otherwise. Two requests with one code, or
    two codes of one account: one of them gets through.
    """
    token = token_for(code, now=now)
    account = token.account
    check_open(account, now=now)
    wrong = what_is_wrong(password, login=account.login, email=account.email)
    if not wrong and password != repeated:
        wrong = _("The two passwords are not the same.")
    if wrong:
        raise BadInput(wrong, errors={"password": wrong})
    support = prove(account, number=number, code=proof, now=now) if token.needs_proof else None
    if not _places.acquire(blocking=False):
        raise Away(_("Many people are setting passwords right now. Press the button again in a minute."))
    try:
        token = _lease(token, now=now)
        try:
            _ask_system(account, password, now=now)
        except Refusal:
            _let_go(token)
            raise
        with transaction.atomic():
            _finish(token, support, now=now)
    finally:
        _places.release()
    progressed(account.reset.subject)
    return account


def _lease(token: Token, *, now: datetime) -> Token:
    """Keep every other request for this account out while the system is asked. Locks the account."""
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=token.account_id)
        if Return.objects.filter(account=token.account_id).exists():
            raise IllegalMove(_("A new password was set already. If it was not you, call our support now."))
        if Token.objects.filter(account=token.account_id, lease_until__gt=now).exists():
            raise IllegalMove(_("This account's password is being set right now. Wait a minute."), status=409)
        token.fence += 1
        token.lease_until = now + LEASE
        token.save(update_fields=["fence", "lease_until"])
    return token


def _let_go(token: Token) -> None:
    Token.objects.filter(pk=token.pk, fence=token.fence).update(lease_until=None)


def _finish(token: Token, support: SupportCode | None, *, now: datetime) -> None:
    """Use the tokens up, note the return, write the owner."""
    account = token.account
    Token.objects.filter(account=account, used_at=None).update(used_at=now, lease_until=None)
    if support is not None:
        SupportCode.objects.filter(pk=support.pk, used_at=None).update(used_at=now)
    _row, is_new = Return.objects.get_or_create(account=account, defaults={"at": now, "via": Return.Via.SELF_SET})
    if is_new:
        post(SelfSetLetter(kind=SelfSetLetter.Kind.CHANGED, account=account, language=account.language), now=now)


def _ask_system(account: Account, password: str, *, now: datetime) -> None:
    """Have the system set the password; raise `Away` or `BadInput`."""
    away = _("The server that holds your account does not answer right now. Your code still works: try again soon.")
    if Host.objects.filter(system=account.system_id, shard=account.shard, open_until__gt=now).exists():
        raise Away(away)
    guard = Guard(generation=account.reset.generation, cutoff=account.reset.cutoff)
    backend = None
    try:
        backend = open_backend(account.system, say=_say_nothing, stopped=lambda: False, timeout_s=TIMEOUT_S)
        backend.set_password(account.shard, account.login, password, guard=guard)
    except Trouble as trouble:
        log.warning("self_set_failed", system=account.system.key, shard=account.shard, passing=trouble.passing)
        if trouble.passing or isinstance(trouble, Unknown):
            raise Away(away) from trouble
        sentence = _("The server did not take this password. Choose another one, or call our support.")
        raise BadInput(sentence, errors={"password": sentence}) from trouble
    finally:
        if backend is not None:
            backend.close()


def _say_nothing(_line: str) -> None:
    """Drop what a backend says: nobody reads along here, and nothing of it may reach a log."""
