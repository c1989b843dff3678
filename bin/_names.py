"""Names that have not been found yet: files called for no content, functions called for no deed."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EMPTY_FILES = {"manager", "helper", "utils", "common", "misc", "data", "info"}
EMPTY_FILES |= {"managers", "helpers", "util"}
EMPTY_VERBS = ("handle_", "process_", "do_")
FOREIGN = re.compile(
    r"do_[A-Z]+|handle_[A-Z]+|handle_(starttag|endtag|data|comment|exception)|process_(exception|view|response)"
)
"""Names that the standard library, aiosmtpd and Django's middleware call us by."""


def main() -> None:
    """Print what is named badly; end with 1 where anything is."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],  # noqa: S607 - found on PATH
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = [line for name in listed.stdout.split() for line in complaints(Path(name))]
    sys.stdout.write("".join(f"{line}\n" for line in found))
    sys.exit(1 if found else 0)


def complaints(path: Path) -> list[str]:
    """Return one line for every empty name in the file at `path`, relative to the checkout."""
    found = [f"{path}: a file called {path.stem} has not found its name yet"] if path.stem in EMPTY_FILES else []
    if not (ROOT / path).exists():
        return []  # removed, but not committed
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name = node.name.lstrip("_")
            if name.startswith(EMPTY_VERBS) and not FOREIGN.fullmatch(name):
                found.append(f"{path}:{node.lineno}: {node.name} does not say what it does")
    return found


if __name__ == "__main__":
    main()
