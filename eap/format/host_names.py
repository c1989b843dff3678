"""Which hosts and groups of the inventory a plan names."""

from __future__ import annotations

from collections.abc import Iterator

from eap.format.document import Document
from eap.format.problems import Path


def names_of_hosts(document: Document) -> Iterator[tuple[str, Path]]:
    """Return each host or group that a step's `targets` or an input's default names, with its place in the document."""
    for key, asked in document.inputs.items():
        if asked.type == "hosts" and asked.default:
            given = asked.default if isinstance(asked.default, list) else [asked.default]
            yield from ((str(name), ("inputs", key, "default")) for name in given)
    for number, step in enumerate(document.steps):
        if step.targets is not None and not step.targets.hosts.startswith("inputs."):
            yield step.targets.hosts, ("steps", number, "targets", "hosts")
