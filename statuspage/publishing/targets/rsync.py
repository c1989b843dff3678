"""A host that takes files by rsync over ssh."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from statuspage.models import Target
from statuspage.publishing.targets.place import Parcel, Trouble
from statuspage.publishing.targets.ssh import login_of
from statuspage.publishing.tree import checked

SILENT_S: Final = 20
LONGEST_S: Final = 110
"""One run of rsync; the target's lease is longer."""
MISSING: Final = "No such file or directory"
"""rsync's exit values differ by which end was first to say so."""


class Rsync:
    """rsync to the one host whose key is known. It writes beside the place and renames by itself.

    Every argument is an element of a list, never a line for a shell; paths travel in a file, not as arguments.
    """

    def __init__(self, target: Target) -> None:
        self._login = login_of(target)
        program = shutil.which("rsync")
        if not program or not shutil.which("ssh"):
            raise Trouble("rsync and ssh have to be installed on this host.")
        self._program = program
        self._folder = Path(tempfile.mkdtemp(prefix="muster-rsync-"))
        for name, text in (("key", self._login.private_key), ("known_hosts", self._login.known_hosts)):
            path = self._folder / name
            path.touch(mode=0o600)
            path.write_text(text if text.endswith("\n") else f"{text}\n")

    def fetch(self, paths: Sequence[str]) -> dict[str, bytes]:
        """Bring the files here and read them."""
        with tempfile.TemporaryDirectory(dir=self._folder) as here:
            self._run(["-r", "--files-from=-", "--from0"], source=self._there, to=here, paths=paths, may_miss=True)
            found = {path: Path(here) / checked(path) for path in paths}
            return {path: place.read_bytes() for path, place in found.items() if place.is_file()}

    def put(self, parcels: Sequence[Parcel]) -> None:
        """Send the files, compressed copies first."""
        packed = {f"{each.path}.gz": each.compressed for each in parcels}
        for some in (packed, {each.path: each.content for each in parcels}):
            with tempfile.TemporaryDirectory(dir=self._folder) as here:
                for path, content in some.items():
                    place = _place(here, path)
                    if content is not None:
                        shutil.copyfile(content, place)
                # A compressed copy that is no more goes there too.
                self._send(here, list(some), "--delete-missing-args")

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files there: what is asked for and is not here, goes."""
        with tempfile.TemporaryDirectory(dir=self._folder) as here:
            gone = [each for path in paths for each in (path, f"{path}.gz")]
            for path in gone:
                _place(here, path)
            if gone:
                self._send(here, gone, "--delete-missing-args")

    def names(self) -> list[str]:
        """List what stands there."""
        listed = self._run(["-r", "--list-only", "--exclude=.*"], source=self._there, to="", paths=None)
        # mode, size, date, time, name: with blanks in the name, so at most four are separators.
        rows = [line.split(maxsplit=4) for line in listed.splitlines() if line.startswith("-")]
        return [row[4] for row in rows if len(row) == 5 and not row[4].endswith(".gz")]

    def close(self) -> None:
        """Remove key and host key from this host."""
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _there(self) -> str:
        host = f"[{self._login.host}]" if ":" in self._login.host else self._login.host
        return f"{self._login.user}@{host}:{self._login.folder}/"

    def _send(self, here: str, paths: Sequence[str], *more: str) -> None:
        options = ["-r", "--ignore-times", "--chmod=D755,F644", "--mkpath", "--files-from=-", "--from0", *more]
        self._run(options, source=f"{here}/", to=self._there, paths=paths)

    def _run(
        self, options: list[str], *, source: str, to: str, paths: Sequence[str] | None, may_miss: bool = False
    ) -> str:
        ssh = [
            *("ssh", "-p", str(self._login.port), "-i", str(self._folder / "key"), "-F", "none"),
            *("-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "IdentitiesOnly=yes"),
            *("-o", f"UserKnownHostsFile={self._folder / 'known_hosts'}", "-o", "GlobalKnownHostsFile=/dev/null"),
            *("-o", "ConnectTimeout=5", "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3"),
        ]
        argv = [self._program, "--protect-args", f"--timeout={SILENT_S}", *options, source, *([to] if to else [])]
        try:
            ended = subprocess.run(
                argv,
                input="".join(f"{path}\0" for path in paths or ()).encode(),
                capture_output=True,
                timeout=LONGEST_S,
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "RSYNC_RSH": shlex.join(ssh)},
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Trouble(f"{self._login.host} did not finish within {LONGEST_S} s.") from error
        said = ended.stderr.decode(errors="replace")
        if ended.returncode and not (may_miss and MISSING in said):
            raise Trouble(self._sentence(said))
        return ended.stdout.decode(errors="replace")

    def _sentence(self, said: str) -> str:
        if "Host key verification failed" in said:
            return f"{self._login.host} has another key than the one on record. Nothing was sent."
        if "Permission denied (" in said:
            return f"{self._login.host} does not let {self._login.user} in."
        line = next((line for line in said.splitlines() if line.strip()), "rsync failed")
        return f"{self._login.host} failed: {line.strip()[:160]}"


def _place(here: str, path: str) -> Path:
    """Return where a file lies that is to be sent or, missing there, removed; its folders have to exist for both."""
    place = Path(here) / checked(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    return place
