"""Makes `.venv` hold exactly the pinned requirements; a script with nothing but the standard library.

`_environment.py KIND` brings the environment in order, `_environment.py --check KIND` only tells (exit 0 or 1). KIND is
"run" (the product and its servers) or "test" (besides that the tools). Two at once wait for each other. What an
interrupted attempt left, what belongs to another folder or Python, or what cannot be imported, is made anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "muster.json"
UNFINISHED = VENV / "muster.unfinished"
REQUIREMENTS = {"run": ("requirements.txt", "requirements-embedded.txt"), "test": ("requirements-dev.txt",)}
"""The tools' file holds the product's requirements too, in the same versions."""


FROM_SOURCE = "http-ece"
"""Web push's cipher is published as source only: plain Python, built without a compiler."""
TRUST = {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}
"""uv trusts the machine's own certificates, as pip does (two names, by its version): companies have their own."""
NOT_OWN = re.compile(r"^\.\./|\.dist-info/|(^|/)__pycache__/")
"""Lines of a package's record that say nothing of its own files: programs, the record itself, compiled leftovers."""


def digest(kind: str) -> str:
    """Return the digest of the requirements of `kind`."""
    content = b"".join((ROOT / name).read_bytes() for name in REQUIREMENTS[kind])
    return hashlib.sha256(content).hexdigest()


def is_in_order(kind: str) -> bool:
    """Tell whether the environment that runs this very script holds what `kind` needs."""
    stamp = {} if UNFINISHED.exists() else read_stamp()
    # An environment does not survive being moved or copied: its programs name their interpreter in full.
    if stamp.get("folder") != str(VENV) or stamp.get("python") != sys.version:
        return False
    if any(stamp.get(each) != digest(each) for each in _kinds(kind)):
        return False
    return pinned(kind) <= installed()


def read_stamp() -> dict[str, str]:
    """Return what the last finished installation noted; nothing where there was none."""
    try:
        content = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def pinned(kind: str) -> set[str]:
    """Return `name-version` of what every machine needs; lines for some machines only are left to the installer."""
    text = "".join((ROOT / name).read_text(encoding="utf-8") for name in REQUIREMENTS[kind])
    lines = re.findall(r"^([\w.-]+)==(\S+)(?: \\)?$", text, re.MULTILINE)
    return {f"{_canonical(name)}-{version}" for name, version in lines}


def installed() -> set[str]:
    """Return `name-version` of every package whose record and content are there; cheap enough for every start."""
    found = set()
    for record in Path(sysconfig.get_path("purelib")).glob("*.dist-info"):
        name, _, version = record.name.removesuffix(".dist-info").rpartition("-")
        if _first_file_exists(record / "RECORD"):
            found.add(f"{_canonical(name)}-{version}")
    return found


def _first_file_exists(record: Path) -> bool:
    """Tell whether a package's first own file is still where its record says."""
    try:
        with record.open(encoding="utf-8") as lines:
            own = (line.split(",")[0] for line in lines if not NOT_OWN.search(line))
            return (record.parent.parent / next(own, "")).exists()
    except OSError:
        return False


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _kinds(kind: str) -> tuple[str, ...]:
    """Return what `kind` covers: the tools come with the product."""
    return ("run", "test") if kind == "test" else ("run",)


def bring_in_order(kind: str) -> None:
    """Install what is missing; the caller holds the lock."""
    usable = PYTHON.exists() and not UNFINISHED.exists() and _runs([str(PYTHON), "-c", "import ensurepip, sys"])
    usable = usable and read_stamp().get("folder", str(VENV)) == str(VENV)
    if not usable:
        _make()
    sys.stderr.write(f"Installing what Muster needs into {VENV} (once; a minute or two) ...\n")
    started = time.monotonic()
    done = _install(kind)
    if usable and not done:
        # A package may be half there or of another build: once more, from nothing.
        _make()
        done = _install(kind)
    if not done:
        sys.exit(f"The requirements could not be installed into {VENV}. The lines above say why.")
    sys.stderr.write(f"Installed in {time.monotonic() - started:.0f} s.\n")


def _make() -> None:
    if VENV.is_symlink():
        VENV.unlink()  # somebody else's environment: venv would empty what it points at
    shutil.rmtree(VENV, ignore_errors=True)
    # `sys.executable` may be a .venv that is just being removed; its base is the machine's own.
    base = getattr(sys, "_base_executable", sys.executable)
    subprocess.run([base, "-m", "venv", "--clear", str(VENV)], check=True)


def _install(kind: str) -> bool:
    files = [word for name in REQUIREMENTS[kind] for word in ("-r", str(ROOT / name))]
    UNFINISHED.touch()
    uv = shutil.which("uv")
    done = bool(uv) and _runs(
        [str(uv), "pip", "install", "--quiet", "--python", str(PYTHON), "--require-hashes", *files]
    )
    if not done:
        pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-qq"]
        # Older pips (Debian 12's) would install a source without a record of its files, which `installed` reads.
        source = ["--only-binary", ":all:", "--no-binary", FROM_SOURCE, "--use-pep517"]
        done = _runs([*pip, "--require-hashes", *source, *files])
    if not done:
        return False
    version = subprocess.run(
        [str(PYTHON), "-c", "import sys; print(sys.version, end='')"], capture_output=True, text=True, check=True
    ).stdout
    STAMP.write_text(
        json.dumps({"folder": str(VENV), "python": version, **{each: digest(each) for each in _kinds(kind)}}),
        encoding="utf-8",
    )
    UNFINISHED.unlink()
    if _runs([str(PYTHON), str(Path(__file__).resolve()), "--check", kind]):
        return True
    sys.stderr.write("The installer had nothing to complain of, but a package is missing or damaged.\n")
    return False


def _runs(argv: list[str]) -> bool:
    # Output goes to standard error: standard output belongs to the command that is being prepared.
    try:
        return subprocess.run(argv, stdout=sys.stderr, env={**os.environ, **TRUST}, check=False).returncode == 0
    except OSError:
        return False


def main() -> None:
    """Bring the environment in order under a lock, or tell whether it is."""
    *options, kind = sys.argv[1:]
    if options == ["--check"]:
        sys.exit(0 if is_in_order(kind) else 1)
    with (ROOT / ".venv.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write("Another start is setting up .venv; waiting for it ...\n")
            fcntl.flock(lock, fcntl.LOCK_EX)
        # The one we waited for may have done it all.
        if not (os.access(PYTHON, os.X_OK) and _runs([str(PYTHON), __file__, "--check", kind])):
            bring_in_order(kind)


if __name__ == "__main__":
    main()
