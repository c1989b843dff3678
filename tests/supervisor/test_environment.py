"""How the commands come to their Python: from machines with a wrong one, after crashes, two at once."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLAIN_PATH = "/usr/bin:/bin"
BASE_PYTHON = str(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}")


def write_program(path: Path, script: str) -> None:
    """Write a shell program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def found_python(path: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Ask `bin/_setup` for a Python on `path`."""
    return subprocess.run(
        ["/bin/sh", "-c", 'up=.. && . "$(dirname -- "$0")/_setup" && _find_python', str(ROOT / "bin" / "test")],
        env={"PATH": path, **env},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A folder with the few programs that the script calls, and no Python."""
    folder = tmp_path / "plain"
    folder.mkdir()
    for name in ("dirname", "id", "uname"):
        found = shutil.which(name, path=PLAIN_PATH)
        assert found
        (folder / name).symlink_to(found)
    return folder


def test_a_python_that_is_too_old_or_leads_nowhere_is_passed_over(tmp_path: Path, plain: Path) -> None:
    write_program(tmp_path / "old" / "python3", "exit 1")
    write_program(tmp_path / "switcher" / "python3", "echo 'command not found' >&2; exit 127")
    write_program(tmp_path / "a good one" / "python3", f'exec {BASE_PYTHON} "$@"')
    found = found_python(f"{tmp_path}/old:{tmp_path}/switcher:{plain}:{tmp_path}/a good one")
    assert found.stdout.strip() == f"{tmp_path}/a good one/python3"


def test_a_missing_venv_is_installed_as_root_on_debian(tmp_path: Path, plain: Path) -> None:
    marker = tmp_path / "installed"
    (plain / "id").unlink()
    write_program(plain / "id", "echo 0")
    # New enough, but it cannot make environments until the package is there.
    write_program(
        plain / "python3",
        f'case "$2" in *ensurepip*) [ -e {marker} ] || exit 1;; esac; exec {BASE_PYTHON} "$@"',
    )
    write_program(plain / "apt-get", f'echo "apt-get $*" >&2; case "$*" in *python3-venv*) : > {marker};; esac')
    found = found_python(str(plain))
    assert found.stdout.strip() == f"{plain}/python3"
    assert "install -y -qq python3 python3-venv" in found.stderr


def test_an_ordinary_user_is_told_the_line_to_run(tmp_path: Path, plain: Path) -> None:
    (plain / "id").unlink()
    write_program(plain / "id", "echo 1000")
    write_program(plain / "apt-get", f": > {tmp_path}/called")
    nothing = found_python(str(plain))
    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert "sudo apt-get install python3 python3-venv" in nothing.stderr
    write_program(plain / "python3", f'case "$2" in *ensurepip*) exit 1;; esac; exec {BASE_PYTHON} "$@"')
    lacks_venv = found_python(str(plain))
    assert lacks_venv.returncode == 1
    assert "sudo apt-get install python3-venv" in lacks_venv.stderr
    assert not (tmp_path / "called").exists()


class Checkout:
    """A checkout whose only requirement is a package of two lines, installed without any network."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "bin").mkdir(parents=True)
        shutil.copy2(ROOT / "bin" / "_environment.py", folder / "bin")
        (folder / "requirements-embedded.txt").write_text("")
        self.require("1.0")

    def require(self, version: str) -> None:
        """Pin the package to `version` and make its wheel."""
        wheel = self.folder / f"tiny-{version}-py3-none-any.whl"
        record = f"tiny-{version}.dist-info"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("tiny.py", f"VERSION = {version!r}\n")
            archive.writestr(f"{record}/METADATA", f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n")
            archive.writestr(f"{record}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            names = ("tiny.py", f"{record}/METADATA", f"{record}/WHEEL", f"{record}/RECORD")
            archive.writestr(f"{record}/RECORD", "".join(f"{name},,\n" for name in names))
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        pins = f"tiny=={version} \\\n    --hash=sha256:{digest}\n"
        (self.folder / "requirements.txt").write_text(pins)
        (self.folder / "requirements-dev.txt").write_text(pins)

    def begin(self, *options: str) -> subprocess.Popen[str]:
        """Start bringing the environment in order."""
        env = {
            "PATH": PLAIN_PATH,
            "HOME": str(self.folder),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": self.folder.as_uri(),
        }
        return subprocess.Popen(
            [BASE_PYTHON, str(self.folder / "bin" / "_environment.py"), *options, "run"],
            env=env,
            stderr=subprocess.PIPE,
            text=True,
        )

    def bring_in_order(self) -> str:
        """Bring the environment in order; return what was said."""
        process = self.begin()
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
        return said

    def version(self) -> str:
        """Return the version of the package that the environment imports."""
        python = self.folder / ".venv" / "bin" / "python"
        return subprocess.check_output([python, "-c", "import tiny; print(tiny.VERSION)"], text=True).strip()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout that two starts at once have set up."""
    made = Checkout(tmp_path_factory.mktemp("a checkout"))
    both = [made.begin(), made.begin()]
    said = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum("Installed in" in words for words in said) == 1
    return made


def test_two_starts_at_once_make_one_environment(checkout: Checkout) -> None:
    assert checkout.version() in ("1.0", "2.0")
    assert checkout.bring_in_order() == ""  # nothing to do


def test_new_requirements_are_installed_at_the_next_start(checkout: Checkout) -> None:
    checkout.require("2.0")
    checkout.bring_in_order()
    assert checkout.version() == "2.0"


@pytest.mark.parametrize("damage", ["interpreter", "package", "record", "interrupted", "stamp", "copied"])
def test_a_damaged_environment_is_not_trusted(checkout: Checkout, damage: str) -> None:
    venv = checkout.folder / ".venv"
    packages = next((venv / "lib").glob("python3*")) / "site-packages"
    match damage:
        case "interpreter":
            (venv / "bin" / "python").unlink()
            (venv / "bin" / "python").symlink_to("/nowhere/python3")
        case "package":
            (packages / "tiny.py").unlink()
        case "record":
            shutil.rmtree(next(packages.glob("tiny-*")))
        case "interrupted":
            (venv / "muster.unfinished").touch()
        case "stamp":
            (venv / "muster.json").write_text("{")
        case "copied":
            stamp = (venv / "muster.json").read_text()
            (venv / "muster.json").write_text(stamp.replace(str(venv), "/elsewhere/.venv"))
    assert "Installed in" in checkout.bring_in_order()
    assert checkout.version() in ("1.0", "2.0")


def test_a_package_that_was_tampered_with_is_refused(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "checkout")
    wrong = base64.b16encode(os.urandom(32)).decode().lower()
    (checkout.folder / "requirements.txt").write_text(f"tiny==1.0 \\\n    --hash=sha256:{wrong}\n")
    process = checkout.begin()
    _, said = process.communicate(timeout=120)
    assert process.returncode != 0
    assert "HASH" in said.upper()


def test_an_environment_that_is_a_link_is_replaced_not_emptied(checkout: Checkout, tmp_path: Path) -> None:
    others = tmp_path / "others"
    others.mkdir()
    (others / "kept").touch()
    shutil.rmtree(checkout.folder / ".venv")
    (checkout.folder / ".venv").symlink_to(others)
    assert "Installed in" in checkout.bring_in_order()
    assert (others / "kept").exists()
    assert not (checkout.folder / ".venv").is_symlink()
