"""The outer archive: the manifest, the database's dump and the site's archive in one tar, encrypted."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path
from typing import IO

from eap.actions.webserver.host.disk import CHUNK, remove, sha256_of, sync_file, sync_folder
from eap.actions.webserver.host.manifest import Head, head_of
from eap.actions.webserver.host.request import Limits
from eap.actions.webserver.host.trouble import Refused, shown

MANIFEST, DUMP, INNER = "manifest.jsonl", "database.dump", "site.tar.gz"
ORDER = (MANIFEST, DUMP, INNER)


def write_outer(into: IO[bytes], folder: Path) -> None:
    """Write the three (a site without database has no dump) into a stream."""
    with tarfile.open(fileobj=into, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for name in ORDER:
            if (folder / name).exists():
                header = tarfile.TarInfo(name)
                header.size, header.mode = (folder / name).stat().st_size, 0o600
                with (folder / name).open("rb") as file:
                    tar.addfile(header, file)


def read_outer(stream: IO[bytes], into: Path, limits: Limits) -> None:
    """Unpack an outer archive into an empty folder: these three and nothing else, none larger than is allowed.

    Raises `Refused`.
    """
    found: list[str] = []
    left = limits.bytes * 2
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for header in tar:
                if (
                    header.name not in ORDER
                    or header.name in found
                    or header.type not in (tarfile.REGTYPE, tarfile.AREGTYPE)
                ):
                    raise Refused(f"The archive holds {shown(header.name)}, which is no part of a backup.")
                found.append(header.name)
                left -= header.size
                if left < 0 or header.size < 0:
                    raise Refused(f"The archive unpacks to more than the {limits.bytes} bytes that are allowed.")
                content = tar.extractfile(header)
                assert content is not None  # noqa: S101  (a regular file has content)
                with (into / header.name).open("xb") as file:
                    while chunk := content.read(CHUNK):
                        file.write(chunk)
                    sync_file(file)
    except tarfile.TarError as error:
        raise Refused(f"The archive is damaged ({error}).") from error
    if MANIFEST not in found or INNER not in found:
        raise Refused("The archive lacks its manifest or the site's files.")
    sync_folder(into)


def verify_outer(folder: Path) -> Head:
    """Return the manifest's head once dump and inner archive are what it says. Raises `Refused`."""
    head = head_of(folder / MANIFEST)
    wanted: list[tuple[str, str | None, int]] = [
        (INNER, str(head.inner["sha256"]), int(head.inner["size"])),
        (DUMP, str(head.dump["sha256"]) if head.dump else None, int(head.dump.get("size", 0))),
    ]
    for name, sha256, size in wanted:
        path = folder / name
        if sha256 is None:
            if path.exists():
                raise Refused("The archive holds a dump of which its manifest knows nothing.")
            continue
        if not path.is_file() or path.stat().st_size != size or sha256_of(path) != sha256:
            raise Refused(f"{name} is not what the manifest says.")
    return head


def copy_hashed(source: Path, into: Path) -> str:
    """Copy a file, whole or not at all; return the SHA-256 of what was copied."""
    part = into.with_name(f"{into.name}.part")
    remove(part)
    digest = hashlib.sha256()
    with source.open("rb") as read, part.open("xb") as written:
        while chunk := read.read(CHUNK):
            digest.update(chunk)
            written.write(chunk)
        sync_file(written)
    part.rename(into)
    sync_folder(into.parent)
    return digest.hexdigest()
