"""What an incident's room has to shout about; pure."""

from __future__ import annotations

from collections.abc import Sequence

from incidents.rules.numbers import WRITTEN_LENGTH, listed


def trouble_of(
    *, exhausted_tiers: Sequence[str], unanswered: Sequence[str], pages_say: Sequence[str], standing: str, paged: bool
) -> str:
    """Return the sentence to show, worst first; "" when all is well.

    `unanswered` names the policies of exhausted pages that nobody has answered since; `pages_say` are the troubles that
    open pages tell of; `standing` stays as long as nobody was `paged` at all.
    """
    if exhausted_tiers:
        sentence = (
            f"Nobody answered for {listed(list(exhausted_tiers))}. All of them and the administrators are being called;"
            " call them by other means too."
        )
    elif unanswered:
        sentence = (
            f"Nobody answered “{listed(list(unanswered))}”. Everybody on it and the administrators are being called;"
            " call them by other means too."
        )
    elif pages_say:
        sentence = " ".join(dict.fromkeys(pages_say))
    else:
        sentence = "" if paged else standing
    return sentence[:WRITTEN_LENGTH]
