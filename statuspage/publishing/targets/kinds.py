"""Which class opens which kind of target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from statuspage.models import Target
from statuspage.publishing.targets.directory import Directory
from statuspage.publishing.targets.place import Place
from statuspage.publishing.targets.rsync import Rsync
from statuspage.publishing.targets.s3 import S3
from statuspage.publishing.targets.sftp import Sftp

KINDS: Final[dict[str, Callable[[Target], Place]]] = {
    Target.Kind.DIRECTORY: Directory,
    Target.Kind.S3: S3,
    Target.Kind.SFTP: Sftp,
    Target.Kind.RSYNC: Rsync,
}


def open_place(target: Target) -> Place:
    """Connect to a target; raises Trouble. Whoever opens it closes it."""
    return KINDS[target.kind](target)
