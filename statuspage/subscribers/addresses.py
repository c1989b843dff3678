"""Addresses as people give them, and as they are kept: one canonical form, so that nobody is written twice."""

from __future__ import annotations

import ipaddress
import re
import socket
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from notifications.channels.registry import channel as channel_of
from notifications.outbound import is_allowed
from statuspage.models import Subscriber
from web.errors import BadInput

LONGEST_EMAIL: Final = 254
LONGEST_URL: Final = 500
ON_THE_WIRE: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
"""Addresses that can stand in an SMTP command and a header as they are (RFC 5321 Dot-string): no blank, no line
break, no angle bracket, nothing quoted. Names with other letters are written in their ASCII form (IDNA)."""
_LOCAL_NAMES: Final = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


def clean_address(channel: str, text: str, *, country: str = "") -> str:
    """Return the address in its one canonical form; raise `BadInput` with a sentence for the field "address".

    `country` ("us") completes a number without country code. A webhook's address inside a private network is refused
    here where it is written out; a name is looked up each time something is sent there.
    """
    match channel:
        case Subscriber.Channel.EMAIL:
            return clean_email(text)
        case Subscriber.Channel.SMS:
            return channel_of("sms").clean_address(_with_country(text, country))
        case Subscriber.Channel.WEBHOOK:
            return _clean_url(text)
    raise _bad(_("Choose e-mail, text message or webhook."))


def clean_email(text: str) -> str:
    """Return an e-mail address in lower case, its domain in ASCII; raise `BadInput`."""
    address = channel_of("email").clean_address(text)
    local, _at, domain = address.rpartition("@")
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode()
    address = f"{local}@{domain}".lower()
    if len(address) > LONGEST_EMAIL or not ON_THE_WIRE.fullmatch(address):
        raise _bad(_("This is not an e-mail address."))
    return address


def _clean_url(text: str) -> str:
    url = channel_of("webhook").clean_address(text)
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    if len(url) > LONGEST_URL or not url.isascii() or re.search(r"[\s\x00-\x1f\x7f]", url):
        raise _bad(_("Write a whole address such as https://example.org/hook."))
    with suppress(ValueError):
        if not is_allowed(ipaddress.ip_address(host)):
            raise _bad(_("This address is inside a private network. We send to public addresses only."))
        return url
    with suppress(OSError):
        # "127.1" and "0x7f000001" are addresses too, for the system's resolver.
        if not is_allowed(ipaddress.ip_address(socket.inet_aton(host))):
            raise _bad(_("This address is inside a private network. We send to public addresses only."))
    if "." not in host or host.endswith(_LOCAL_NAMES):
        raise _bad(_("This address is inside a private network. We send to public addresses only."))
    return url


def _with_country(text: str, country: str) -> str:
    if not country or text.strip().startswith(("+", "00")):
        return text
    import phonenumbers

    with suppress(phonenumbers.NumberParseException):
        number = phonenumbers.parse(text, country.upper())
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return text


def _bad(sentence: str) -> BadInput:
    return BadInput(sentence, errors={"address": sentence})
