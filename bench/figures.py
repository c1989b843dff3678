"""Medians, percentiles, and how a line of figures is printed."""

from __future__ import annotations

import math
import statistics
import sys
from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile; `share` such as 0.99."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def milliseconds(values: Sequence[float]) -> str:
    """Return "p50 41 ms, p95 63 ms, p99 80 ms (n 200)" of values in seconds."""
    shown = ", ".join(f"p{round(share * 100)} {percentile(values, share) * 1000:.0f} ms" for share in (0.5, 0.95, 0.99))
    return f"{shown} (n {len(values)})"


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def verdict(name: str, *, reached: bool, figure: str, goal: str) -> bool:
    """Print a figure beside its goal; return whether it was reached."""
    say(f"{'ok  ' if reached else 'MISS'}  {name}: {figure}   goal {goal}")
    return reached
