"""The files of a password page, beside the published folder and never inside it."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog
from django.conf import settings
from django.utils.translation import gettext as _

from statuspage.addresses import public_address
from statuspage.models import Publisher, StatusPage
from statuspage.publishing.build import Build, consistent
from statuspage.publishing.publish import FRESH_FOR, is_stale
from statuspage.publishing.tree import Superseded, Tree
from statuspage.site.render import render_page
from web.errors import IllegalMove

FOLDER: Final = "status-private"
FIRST_MADE_WITHIN_S: Final = 8.0
"""How long a reader waits for a page that another process is making for the first time."""

log = structlog.get_logger(__name__)


def tree_of(page: StatusPage) -> Tree:
    """Return the folder of a password page. Raises `IllegalMove` where it would lie inside the published one."""
    root: Path = settings.VAR_DIR / FOLDER / page.pk
    published: Path = settings.STATUS_PUBLISH_DIR
    if root.resolve().is_relative_to(published.resolve()):
        raise IllegalMove(
            "STATUS_PUBLISH_DIR holds VAR_DIR: pages with a password would be public. Choose another one."
        )
    return Tree(root)


def current_tree(page: StatusPage, *, now: datetime) -> Tree:
    """Return the folder with what is true now, at most a minute old; makes it anew where that is due.

    Who comes while another one makes it reads what was there before. Raises `IllegalMove` when nothing was, and the
    other one takes too long.
    """
    tree = tree_of(page)
    wanted = Publisher.objects.filter(pk=1).values_list("wanted", flat=True).first() or 0
    if _is_current(tree, wanted, now=now):
        return tree
    tree.root.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    tree.root.mkdir(mode=0o700, exist_ok=True)
    with tree.rendering() as alone:
        if alone and not _is_current(tree, wanted, now=now):
            _make(tree, page, wanted, now=now)
    deadline = time.monotonic() + FIRST_MADE_WITHIN_S
    while not tree.manifest().files:
        if time.monotonic() > deadline:
            raise IllegalMove(_("The page is being made. Try again in a few seconds."))
        time.sleep(0.1)
    return tree


def _is_current(tree: Tree, wanted: int, *, now: datetime) -> bool:
    held = tree.manifest()
    return bool(held.files) and held.shows >= wanted and not is_stale(held.generated_at, now=now)


def _make(tree: Tree, page: StatusPage, wanted: int, *, now: datetime) -> None:
    generation = tree.manifest().generation + 1
    under_way = Build(tree, generation=generation, shows=wanted, now=now)
    under_way.add(
        render_page(
            consistent(page.pk, now=now),
            generated_at=now,
            generation=generation,
            base_url=public_address(page).rstrip("/"),
            reuse=under_way.reuse,
        )
    )
    try:
        tree.swap(under_way.finished())
    except Superseded as reason:
        log.info("private_page_superseded", page=page.pk, reason=str(reason))
    else:
        tree.sweep(unused_for_s=FRESH_FOR.total_seconds(), now=now.timestamp())
