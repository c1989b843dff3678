"""A page in one language: templates filled with what it shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from django.template.loader import get_template
from django.utils import timezone, translation

from statuspage.rules.languages import LANGUAGES
from statuspage.site.addresses import Addresses
from statuspage.site.assets import Assets
from statuspage.site.shown import Teller
from statuspage.site.snapshot import PageSnapshot
from statuspage.site.stamp import Stamp

INDENT: Final = re.compile(r"\s*\n\s*")
"""Templates are indented for their readers; what is sent is not. Nothing in them is preformatted."""


@dataclass(frozen=True)
class LanguageLink:
    """The same page in another language."""

    code: str
    name: str
    href: str


class Pages:
    """Fills templates for one page in one language. `where` is the folder of the language inside the page's folder."""

    def __init__(
        self, page: PageSnapshot, language: str, *, addresses: Addresses, assets: Assets, stamp: Stamp
    ) -> None:
        """Make it ready; `speaking` sets language and zone around its use."""
        self.page = page
        self.language = language
        self.where = "" if language == page.language else f"{language}/"
        self.teller = Teller(page, language)
        self.addresses = addresses
        self.assets = assets
        self.stamp = stamp
        self._policy = policy(addresses)

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """Speak the language and tell times in the page's zone until the end of the block."""
        with translation.override(self.language), timezone.override(self.page.time_zone):
            yield

    def render(self, template: str, path: str, *, live: bool, private: bool = False, **shown: Any) -> bytes:
        """Return a page that lies at `path` inside the language's folder.

        A `live` one is made anew with each publication and tells by its own age when it is stale; the others ask the
        tree's `generation.json`. A `private` one names no other page and no feed, and asks not to be indexed.
        """
        depth = path.count("/")
        to_home = "../" * depth
        to_page = to_home + ("../" if self.where else "")
        text = get_template(template).render(
            {
                "page": self.page,
                "language": self.language,
                "languages": [] if private else self._languages(path, to_page),
                "to_home": to_home,
                "to_page": to_page,
                "to_root": to_page + "../" * self.page.folder.count("/"),
                "assets": self.assets,
                "policy": self._policy,
                "live": live,
                "private": private,
                "hidden": private or self.page.audience != "public",
                "generated_at": self.stamp.generated_at,
                "generation": self.stamp.generation,
                "forms": self.addresses.forms,
                **shown,
            }
        )
        return INDENT.sub("\n", text).strip().encode() + b"\n"

    def _languages(self, path: str, to_page: str) -> list[LanguageLink]:
        return [
            LanguageLink(code, LANGUAGES[code], f"{to_page}{'' if code == self.page.language else f'{code}/'}{path}")
            for code in self.page.languages
        ]


def policy(addresses: Addresses) -> str:
    """Return the content security policy that every page carries itself, wherever it is served from."""
    muster = urlsplit(addresses.forms)
    return (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        f"base-uri 'none'; form-action 'self' {muster.scheme}://{muster.netloc}"
    )
