"""Note what a mail server reported after it had taken a mail: the address is gone."""

from __future__ import annotations

from collections.abc import Sequence

from resets.models import NoticeLetter

REPORTED = "reported"


def note_bounces(*, addresses: Sequence[str]) -> int:
    """Mark the letters to these addresses as bounced, in every round; return how many were marked.

    Later rounds leave such an address out; its accounts show among those without one. Repeating it changes nothing.
    """
    return NoticeLetter.objects.filter(
        address__in=[address.strip().lower() for address in addresses],
        state__in=[NoticeLetter.State.SENT, NoticeLetter.State.UNKNOWN],
    ).update(state=NoticeLetter.State.BOUNCED, code=REPORTED)
