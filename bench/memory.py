"""Memory of the product's processes: proportional set size, so that shared pages count once."""

from __future__ import annotations

from pathlib import Path

from bench.product import Product

APPLICATION = ("web", "stream", "worker", "engine")
SERVERS = ("postgres", "valkey")


def pss_mib(product: Product) -> dict[str, float]:
    """Return MiB of PSS by process name, children included (Linux only)."""
    children = _children()
    found = {}
    for name, pids in product.pids().items():
        if name == "supervisor":
            continue  # everybody's parent
        found[name] = sum(_pss(pid) for root in pids for pid in _family(root, children)) / 1024
    return found


def of_process(pid: int) -> float:
    """Return MiB of PSS of one process and its children (Linux only)."""
    return sum(_pss(each) for each in _family(pid, _children())) / 1024


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        found.setdefault(parent, []).append(int(folder.name))
    return found


def _family(pid: int, children: dict[int, list[int]]) -> list[int]:
    return [pid, *(each for child in children.get(pid, []) for each in _family(child, children))]


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
