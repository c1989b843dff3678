"""From ids to people, in the order given: who sits in a tier, stands in a line, takes turns."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from people.models import Person
from web.errors import BadInput


def people_in_order(ids: Sequence[str], *, field: str) -> list[Person]:
    """Return these active people in order; raise `BadInput` naming `field` for an unknown, inactive or repeated one."""
    try:
        wanted = [UUID(str(each)) for each in ids]
    except ValueError:
        raise _unfit(field, "One of these people is not known.") from None
    if len(set(wanted)) < len(wanted):
        raise _unfit(field, "Each person can stand here once only.")
    found = Person.objects.active().in_bulk(wanted)
    if len(found) < len(wanted):
        raise _unfit(field, "Somebody here left or is not known. Choose somebody else.")
    return [found[each] for each in wanted]


def _unfit(field: str, sentence: str) -> BadInput:
    return BadInput(sentence, errors={field: sentence})
