"""Where things of a page are, told absolutely (JSON, feeds, mail) and relatively (links inside the tree)."""

from __future__ import annotations

from dataclasses import dataclass

from statuspage.site.pieces import Server
from statuspage.site.snapshot import PageSnapshot


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Absolute addresses. `page` ends with a slash; `forms` is Muster's own address for this page, without one."""

    page: str
    forms: str

    def incident(self, id: str) -> str:
        """Return the permalink of an incident or maintenance."""
        return f"{self.page}incidents/{id}.html"


def addresses_of(page: PageSnapshot, *, base_url: str, public_url: str) -> Addresses:
    """Return where a page is read. `base_url` is the root of the published tree, `public_url` Muster itself."""
    place = page.url or f"{base_url.rstrip('/')}/{page.folder}"
    return Addresses(page=f"{place.rstrip('/')}/", forms=f"{public_url.rstrip('/')}/status-pages/{page.id}")


def incident_path(id: str) -> str:
    """Return where an incident lies in a page's folder, or in that of a further language."""
    return f"incidents/{id}.html"


def component_path(id: str) -> str:
    """Return where a component lies."""
    return f"components/{id}.html"


def month_path(month: str) -> str:
    """Return where a month's history lies. `month` is written as 2026-11."""
    return f"history/{month}.html"


def server_path(server: Server) -> str:
    """Return where a server lies."""
    return f"servers/{server.file}.html"
