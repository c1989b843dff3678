"""The one stream of text that a person sees: every child's lines behind its name."""

from __future__ import annotations

import os
import sys
from typing import Final

COLOURS: Final = (36, 32, 33, 35, 34, 96, 92, 93, 95, 94)
"""ANSI foreground colours that are readable on a light and on a dark screen; red is kept for trouble."""


class Journal:
    """Writes to standard output; in colour only to a terminal and only where NO_COLOR is not set."""

    def __init__(self) -> None:
        self._colourful = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        self._names: list[str] = []
        self._open = True

    def line(self, name: str, text: str) -> None:
        """Write one line of `name`."""
        if name not in self._names:
            self._names.append(name)
        prefix = f"{name:<10} | "
        if self._colourful:
            prefix = f"\033[{COLOURS[self._names.index(name) % len(COLOURS)]}m{prefix}\033[0m"
        self.write(f"{prefix}{text}\n")

    def write(self, text: str) -> None:
        """Write text as it is. A reader that went away silences us; it does not end the product."""
        if not self._open:
            return
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except OSError:
            self._open = False
