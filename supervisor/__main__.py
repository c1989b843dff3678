"""`python -m supervisor run [--reset]` and `python -m supervisor manage COMMAND ...`; `bin/` calls them."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from supervisor.errors import StartRefused
from supervisor.manage import manage
from supervisor.run import run

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Return the exit status."""
    os.umask(0o022)
    if sys.argv[1:2] == ["manage"]:
        return manage(ROOT, sys.argv[2:])
    parser = argparse.ArgumentParser(prog="bin/run", description="Run Muster with its demonstration company.")
    parser.add_argument("--reset", action="store_true", help="remove the embedded data first")
    return run(ROOT, reset=parser.parse_args(sys.argv[2:]).reset)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except StartRefused as refusal:
        sys.stderr.write(f"Muster did not start. {refusal}\n")
        sys.exit(1)
