"""Style, script, brand and logo of a page: named by their content, so that readers may keep them for ever."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from statuspage.site.file import File, Phase
from statuspage.site.snapshot import PageSnapshot

FOLDER: Final = Path(__file__).resolve().parent.parent / "static" / "statuspage" / "site"
COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)
ICON: Final = "badges/icon.svg"
LOGO_ENDINGS: Final = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


@dataclass(frozen=True, kw_only=True)
class Assets:
    """Paths under the page's folder; `logo` is "" for a page without one.

    `icon` changes with the state of the page, so its name stays.
    """

    style: str
    brand: str
    script: str
    logo: str
    icon: str = ""


def assets_of(page: PageSnapshot) -> tuple[Assets, list[File]]:
    """Return where a page's assets lie, and the files themselves."""
    files = [
        _file(page, "site", "css", "text/css; charset=utf-8", source("site.css")),
        _file(page, "brand", "css", "text/css; charset=utf-8", brand(page.accent, page.accent_dark)),
        _file(page, "site", "js", "text/javascript; charset=utf-8", source("site.js")),
    ]
    ending = LOGO_ENDINGS.get(page.logo_type)
    if page.logo and ending:
        files.append(_file(page, "logo", ending, page.logo_type, page.logo))
    places = [file.path.removeprefix(page.folder) for file in files]
    logo = places[3] if len(places) > 3 else ""
    return Assets(style=places[0], brand=places[1], script=places[2], logo=logo, icon=ICON), files


def brand(accent: str, accent_dark: str) -> bytes:
    """Return the page's own colours as variables. What is no colour (`#0b5fff`) is left out, whoever let it in."""
    rules = []
    if COLOUR.fullmatch(accent):
        rules.append(f":root{{--accent:{accent}}}")
    if COLOUR.fullmatch(accent_dark):
        rules.append(f"@media screen and (prefers-color-scheme:dark){{:root{{--accent:{accent_dark}}}}}")
    elif COLOUR.fullmatch(accent):
        rules.append("@media screen and (prefers-color-scheme:dark){:root{--accent:#8fb8ff}}")
    return "\n".join(rules).encode()


def _file(page: PageSnapshot, name: str, ending: str, content_type: str, body: bytes) -> File:
    digest = hashlib.sha256(body).hexdigest()[:12]
    path = f"{page.folder}assets/{name}.{digest}.{ending}"
    return File(path=path, body=body, content_type=content_type, phase=Phase.ASSETS, key=digest)


@cache
def source(name: str) -> bytes:
    """Return one of our own files, as it was installed."""
    return (FOLDER / name).read_bytes()
