"""A mail as bytes with slots: made once for a language, filled for each receiver in microseconds.

A slot takes a token, an address that `ON_THE_WIRE` fits, or a number: nothing that would need to be quoted, in a header
or in HTML. So what one receiver is called can't change what another one reads.
"""

from __future__ import annotations

import binascii
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

OPEN: Final = "\ue000"
CLOSE: Final = "\ue001"
"""Around a slot's name; private characters of Unicode, taken out of everything that people wrote."""
_SLOT: Final = re.compile(f"{OPEN}([a-z]+){CLOSE}")
_FITS: Final = re.compile(rb"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~@:,() -]*")
_LINE: Final = re.compile(rb"(?m)^\.")


class UnfitValue(ValueError):
    """A value that could end a line or a tag. It was refused when it came in; here it is a mistake of ours."""


@dataclass(frozen=True)
class MailForm:
    """`pieces` with a slot between each two; lines end in CRLF and dots at their begin are doubled (RFC 5321 4.5.2)."""

    pieces: tuple[bytes, ...]
    slots: tuple[str, ...]

    def fill(self, values: Mapping[str, bytes]) -> bytes:
        """Return the content of a DATA command, without the dot at its end. Raises `UnfitValue`."""
        out = [self.pieces[0]]
        for slot, piece in zip(self.slots, self.pieces[1:], strict=True):
            value = values[slot]
            if not _FITS.fullmatch(value):
                raise UnfitValue(f"The value for {slot} could change the mail.")
            out += (value, piece)
        return b"".join(out)


def slot(name: str) -> str:
    """Return what stands in a template where `name` will be filled in."""
    return f"{OPEN}{name}{CLOSE}"


def without_slots(text: str) -> str:
    """Return text that people wrote without the two characters that mark a slot."""
    return text.replace(OPEN, "").replace(CLOSE, "")


def make_form(*, subject: str, text: str, html: str, headers: Mapping[str, str]) -> MailForm:
    """Return the form of a mail with a plain and an HTML part.

    `headers` are ours and may hold slots. `subject` may be anything: line breaks become blanks, the rest is encoded
    (RFC 2047). The parts are quoted-printable; a slot stands on a line of its own, which the reader joins again.
    """
    head = EmailMessage(policy=SMTP.clone(raise_on_defect=False))
    head["Subject"] = " ".join(without_slots(subject).split())[:200]
    head["From"] = sender()
    boundary = f"=_{secrets.token_hex(12)}"
    lines = [head.as_bytes().rstrip(b"\r\n")]
    lines += [f"{name}: {value}".encode() for name, value in headers.items()]
    lines += [
        b"MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"'.encode(),
        b"",
        *_part("plain", text, boundary),
        *_part("html", html, boundary),
        f"--{boundary}--".encode(),
        b"",
    ]
    return _cut(b"\r\n".join(lines))


def sender() -> Address:
    """Return who mails come from."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return Address(display_name=name, addr_spec=address)


def mail_domain() -> str:
    """Return the right side of message ids."""
    return urlsplit(settings.PUBLIC_URL).hostname or "localhost"


def _part(kind: str, text: str, boundary: str) -> list[bytes]:
    return [
        f"--{boundary}".encode(),
        f"Content-Type: text/{kind}; charset=utf-8".encode(),
        b"Content-Transfer-Encoding: quoted-printable",
        b"",
        _quoted(text),
    ]


def _quoted(text: str) -> bytes:
    """Encode everything but the slots; "=" at a line's end joins it with the next one."""
    parts = _SLOT.split(text.replace("\r\n", "\n"))
    out = [_encoded(parts[0])]
    for name, after in zip(parts[1::2], parts[2::2], strict=True):
        out += (b"=\r\n", slot(name).encode(), b"=\r\n", _encoded(after))
    return b"".join(out)


def _encoded(text: str) -> bytes:
    return b"\r\n".join(_encoded_line(line) for line in text.split("\n"))


def _encoded_line(line: str) -> bytes:
    return binascii.b2a_qp(line.encode(), istext=False).replace(b"=\n", b"=\r\n")


def _cut(whole: bytes) -> MailForm:
    parts = re.split(f"{OPEN}([a-z]+){CLOSE}".encode(), _LINE.sub(b"..", whole))
    return MailForm(pieces=tuple(parts[0::2]), slots=tuple(part.decode() for part in parts[1::2]))
