"""The two kinds that a telephone knows, as people see them: the same by every carrier."""

from __future__ import annotations

from abc import ABC
from typing import ClassVar, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.channels.base import Channel
from notifications.phone.numbers import clean_number


class TextChannel(Channel, ABC):
    """Text messages to a mobile phone."""

    kind: ClassVar[str] = "sms"
    label: ClassVar[str | Promise] = _("Text message")
    icon: ClassVar[str] = "message"
    address_label: ClassVar[str | Promise] = _("Mobile number")
    address_help: ClassVar[str | Promise] = _("With country code, such as +46 70 123 45 67.")
    address_type: ClassVar[Literal["tel", "email", "url"]] = "tel"
    can_acknowledge: ClassVar[bool] = True

    def clean_address(self, text: str) -> str:
        """Return the number in E.164."""
        return clean_number(text)


class CallChannel(Channel, ABC):
    """Phone calls: a voice says what happened, a key says what the person does about it."""

    kind: ClassVar[str] = "voice"
    label: ClassVar[str | Promise] = _("Phone call")
    icon: ClassVar[str] = "voice"
    address_label: ClassVar[str | Promise] = _("Phone number")
    address_help: ClassVar[str | Promise] = _("With country code, such as +46 70 123 45 67.")
    address_type: ClassVar[Literal["tel", "email", "url"]] = "tel"
    can_acknowledge: ClassVar[bool] = True
    is_overheard: ClassVar[bool] = True

    def clean_address(self, text: str) -> str:
        """Return the number in E.164."""
        return clean_number(text)
