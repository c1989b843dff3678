"""The second proof: the customer number, and a code that support gave."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Final

from django.db.models import F
from django.utils.translation import gettext as _

from resets.models import Account, SupportCode
from resets.self_set.codes import digest_of
from web.errors import BadInput

MOST_WRONG: Final = 5


def prove(account: Account, *, number: str, code: str, now: datetime) -> SupportCode:
    """Return the support code that proves it, unused; raise `BadInput` (field "proof") and count a wrong one.

    Number and code are judged together: nobody learns which of them was wrong. After five wrong ones support has to
    give another one. Outside a transaction, so that a wrong one counts.
    """
    digest = digest_of("support", code)
    right_number = _same(number, account.customer)
    live = SupportCode.objects.filter(account=account, used_at=None, expires_at__gt=now, wrong__lt=MOST_WRONG)
    # Counted before it is looked at: requests at the same time have five tries between them.
    if live.update(wrong=F("wrong") + 1):
        found = SupportCode.objects.filter(account=account, used_at=None, expires_at__gt=now).order_by("-pk").first()
        if found is not None and digest and right_number and hmac.compare_digest(found.digest, digest):
            SupportCode.objects.filter(pk=found.pk).update(wrong=F("wrong") - 1)
            return found
    sentence = _("Customer number and code from support don't fit together. Check both, or call our support.")
    raise BadInput(sentence, errors={"proof": sentence})


def _same(given: str, known: str) -> bool:
    """Compare customer numbers as people write them. Where none is on file, support's code stands alone."""
    plain = ["".join(word.split()).casefold().encode() for word in (given, known)]
    return not known.strip() or hmac.compare_digest(*plain)
