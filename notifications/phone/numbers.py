"""Phone numbers as people type them and as they are kept (E.164)."""

from __future__ import annotations

import phonenumbers
from django.utils.translation import gettext as _

from web.errors import BadInput


def clean_number(text: str) -> str:
    """Return `text` in E.164 (+46701234567); raise `BadInput` when it is no number that could exist."""
    try:
        number = phonenumbers.parse(text.strip(), None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        sentence = _("Write the number with its country code, such as +46 70 123 45 67.")
        raise BadInput(sentence, errors={"address": sentence})
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
