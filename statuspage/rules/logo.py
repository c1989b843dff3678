"""What an uploaded logo is, read from its bytes and never from its name or its declared type."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 32_768
"""A first visit weighs 60 KB at most; the logo is part of it."""
MOST_PIXELS: Final = 2_000
"""Each side. A small file may name a size that fills a reader's memory."""
PNG: Final = b"\x89PNG\r\n\x1a\n"
JPEG_SIZES: Final = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
"""Markers of a frame header (ITU T.81, table B.1), which holds height and width."""


class UnfitLogoError(ValueError):
    """It can't be a logo; the message says why in a sentence."""


@dataclass(frozen=True, kw_only=True)
class Logo:
    """A picture that can be published: its type as HTTP names it, its size in pixels."""

    content_type: str
    width: int
    height: int


def recognise(body: bytes) -> Logo:
    """Return what a picture is. Raises `UnfitLogoError` unless it is a PNG, JPEG or WebP of a fitting size."""
    if len(body) > MOST_BYTES:
        raise UnfitLogoError(
            f"The picture has {-(-len(body) // 1024)} KB; {MOST_BYTES // 1024} KB is the most, so that the page opens "
            "quickly on a phone."
        )
    try:
        logo = _png(body) or _jpeg(body) or _webp(body)
    except (struct.error, IndexError):
        logo = None
    if logo is None:
        raise UnfitLogoError("This is no PNG, JPEG or WebP picture. SVG is refused, because it can carry scripts.")
    if not (0 < logo.width <= MOST_PIXELS and 0 < logo.height <= MOST_PIXELS):
        raise UnfitLogoError(f"The picture may have {MOST_PIXELS} pixels on each side at most.")
    return logo


def _png(body: bytes) -> Logo | None:
    if not body.startswith(PNG) or body[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", body[16:24])
    return Logo(content_type="image/png", width=width, height=height)


def _jpeg(body: bytes) -> Logo | None:
    if not body.startswith(b"\xff\xd8\xff"):
        return None
    place = 2
    while body[place] == 0xFF:
        marker = body[place + 1]
        if marker in JPEG_SIZES:
            height, width = struct.unpack(">HH", body[place + 5 : place + 9])
            return Logo(content_type="image/jpeg", width=width, height=height)
        place += 2 + int(struct.unpack(">H", body[place + 2 : place + 4])[0])
    return None


def _webp(body: bytes) -> Logo | None:
    if body[:4] != b"RIFF" or body[8:12] != b"WEBP":
        return None
    kind = body[12:16]
    if kind == b"VP8X":
        width, height = (1 + int.from_bytes(body[at : at + 3], "little") for at in (24, 27))
    elif kind == b"VP8L":
        bits = int.from_bytes(body[21:25], "little")
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    elif kind == b"VP8 ":
        width, height = (each & 0x3FFF for each in struct.unpack("<HH", body[26:30]))
    else:
        return None
    return Logo(content_type="image/webp", width=width, height=height)
