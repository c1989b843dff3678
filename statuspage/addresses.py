"""Where readers find a page."""

from __future__ import annotations

from django.conf import settings

from statuspage.models import StatusPage


def folder(page: StatusPage) -> str:
    """Return a page's folder in the published tree, "" for the root; "pages/acme/" otherwise.

    A password page has none: it is never written there. Asking for it is a mistake of the caller.
    """
    if page.audience == StatusPage.Audience.PASSWORD:
        raise ValueError("A password page is not published as files.")
    name = page.secret if page.audience == StatusPage.Audience.SECRET else page.slug
    return f"pages/{name}/" if name else ""


def public_address(page: StatusPage) -> str:
    """Return the address that customers are given, with a slash at its end."""
    if page.audience == StatusPage.Audience.PASSWORD:
        return f"{settings.PUBLIC_URL}/status-pages/{page.pk}/private/"
    if page.url:
        return page.url.rstrip("/") + "/"
    return f"{settings.STATUS_URL.rstrip('/')}/{folder(page)}"
