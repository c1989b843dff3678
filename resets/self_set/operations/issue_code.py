"""Support gives an owner whom it has identified a code: the second proof where the mail address is not trusted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from ledger.actor import Actor
from resets.models import Account, SupportCode
from resets.news import News
from resets.notices.operations.changing import person_of
from resets.operations.locking import locked
from resets.self_set.codes import code_of, digest_of, new_nonce
from resets.self_set.standing import standing_of
from web.errors import BadInput, IllegalMove

LIFE: Final = timedelta(hours=24)


def issue_code(*, account: Account, reason: str, by: Actor, now: datetime) -> str:
    """Return a code for one account, to be told to its owner; it is shown this once and kept nowhere.

    It works once, for 24 hours, together with the code that was mailed and the customer number; an older one of the
    account ends. `reason` says how the owner was identified. Raises `IllegalMove` for an account that has returned or
    is not open, `BadInput` without a reason. Locks the reset.
    """
    if len(reason.strip()) < 10:
        sentence = "Say how you made sure that this is the owner (at least ten characters)."
        raise BadInput(sentence, errors={"reason": sentence})
    account = Account.objects.select_related("system").get(pk=account.pk)
    account.reset = locked(account.reset)
    standing = standing_of(account, now=now)
    if standing == "returned":
        raise IllegalMove("The owner of this account has set a password already.")
    if standing == "closed":
        raise IllegalMove("This account can't be opened on the reset page.")
    SupportCode.objects.filter(account=account, used_at=None, expires_at__gt=now).update(expires_at=now)
    code = code_of("support", new_nonce())
    SupportCode.objects.create(
        account=account,
        digest=digest_of("support", code),
        reason=reason.strip()[:300],
        issued_by=person_of(by),
        issued_by_name=by.name[:100],
        issued_at=now,
        expires_at=now + LIFE,
    )
    news = News(account.reset, by=by, now=now)
    news.say("reset.code_issued", {"login": account.login, "system": account.system.key}, personal=reason.strip())
    news.publish()
    return code
