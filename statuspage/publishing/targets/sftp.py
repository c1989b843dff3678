"""A host that takes files by SFTP."""

from __future__ import annotations

import asyncio
import posixpath
import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from statuspage.models import Target
from statuspage.publishing.targets.place import Parcel, Trouble
from statuspage.publishing.targets.ssh import Login, login_of
from statuspage.publishing.tree import checked

CONNECT_S: Final = 5
ANSWER_S: Final = 30
AT_ONCE: Final = 8
"""Files on their way at a time: most of their time is waiting for the other side."""

T = TypeVar("T")


class Sftp:
    """An open SFTP session to the one host whose key is known."""

    def __init__(self, target: Target) -> None:
        self._login = login_of(target)
        self._runner = asyncio.Runner()
        self._folders: set[str] = set()
        self._connection: Any = None
        try:
            self._session: Any = self._run(self._connect(self._login))
        except BaseException:
            self.close()
            raise

    def fetch(self, paths: Sequence[str]) -> dict[str, bytes]:
        """Read each file."""
        bodies = self._all(self._fetch, paths)
        return {path: body for path, body in zip(paths, bodies, strict=True) if body is not None}

    def put(self, parcels: Sequence[Parcel]) -> None:
        """Write each file beside its place and rename it."""
        for folder in sorted({posixpath.dirname(self._place(parcel.path)) for parcel in parcels}):
            self._run(self._make(folder))
        self._all(self._put, parcels)

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files."""
        self._all(self._remove, [each for path in paths for each in (path, f"{path}.gz")])

    def names(self) -> list[str]:
        """Walk the folder."""
        found: list[str] = self._run(self._names())
        return found

    def close(self) -> None:
        """End the session."""
        if self._connection is not None:
            self._connection.abort()
        self._runner.close()

    def _place(self, path: str) -> str:
        return f"{self._login.folder}/{checked(path)}"

    async def _connect(self, login: Login) -> Any:
        import asyncssh

        keys = [asyncssh.import_private_key(login.private_key)] if login.private_key else None
        self._connection = await asyncssh.connect(
            login.host,
            login.port,
            username=login.user,
            known_hosts=asyncssh.import_known_hosts(login.known_hosts),
            client_keys=keys,
            password=login.password or None,
            agent_path=None,
            config=None,  # what is in the service user's ~/.ssh is none of the target's business
            connect_timeout=CONNECT_S,
            login_timeout=2 * CONNECT_S,
            keepalive_interval=5,
        )
        return await self._connection.start_sftp_client()

    async def _fetch(self, path: str) -> bytes | None:
        import asyncssh

        try:
            async with self._session.open(self._place(path), "rb") as file:
                body: bytes = await file.read()
                return body
        except asyncssh.SFTPNoSuchFile:
            return None

    async def _put(self, parcel: Parcel) -> None:
        place = self._place(parcel.path)
        if parcel.compressed:
            await self._write(parcel.compressed, f"{place}.gz")
        else:
            await self._unlink(f"{place}.gz")
        await self._write(parcel.content, place)

    async def _write(self, content: Path, place: str) -> None:
        import asyncssh

        temporary = f"{posixpath.dirname(place)}/.{secrets.token_hex(8)}"
        try:
            attributes = asyncssh.SFTPAttrs(permissions=0o644)
            async with self._session.open(temporary, "wb", attributes) as file:
                await file.write(content.read_bytes())
            await self._session.posix_rename(temporary, place)
        except asyncssh.SFTPError:
            await self._unlink(temporary)
            raise

    async def _remove(self, path: str) -> None:
        await self._unlink(self._place(path))

    async def _unlink(self, place: str) -> None:
        import asyncssh

        try:
            await self._session.unlink(place)
        except asyncssh.SFTPNoSuchFile:
            return

    async def _make(self, folder: str) -> None:
        if folder not in self._folders:
            await self._session.makedirs(folder, exist_ok=True)
            self._folders.add(folder)

    async def _names(self) -> list[str]:
        found, waiting = [], [""]
        while waiting:
            folder = waiting.pop()
            for entry in await self._session.readdir(f"{self._login.folder}/{folder}"):
                name = str(entry.filename)
                if name.startswith("."):
                    continue
                if entry.attrs.type == 2:  # a directory (SSH_FILEXFER_TYPE_DIRECTORY)
                    waiting.append(f"{folder}{name}/")
                elif not name.endswith(".gz"):
                    found.append(f"{folder}{name}")
        return found

    def _all(self, do: Callable[[Any], Awaitable[T]], items: Sequence[Any]) -> list[T]:
        async def everything() -> list[T]:
            gate = asyncio.Semaphore(AT_ONCE)

            async def one(item: Any) -> T:
                async with gate:
                    return await asyncio.wait_for(do(item), ANSWER_S)

            return await asyncio.gather(*[one(item) for item in items])

        done: list[T] = self._run(everything())
        return done

    def _run(self, work: Any) -> Any:
        import asyncssh

        try:
            return self._runner.run(work)
        except asyncssh.HostKeyNotVerifiable as error:
            raise Trouble(f"{self._login.host} has another key than the one on record. Nothing was sent.") from error
        except asyncssh.PermissionDenied as error:
            raise Trouble(f"{self._login.host} does not let {self._login.user} in.") from error
        except asyncssh.KeyImportError as error:
            raise Trouble("The private key can't be read.") from error
        except TimeoutError as error:
            raise Trouble(f"{self._login.host} did not answer in time.") from error
        except (asyncssh.Error, OSError) as error:
            reason = str(getattr(error, "reason", "") or error)[:120]
            raise Trouble(f"{self._login.host} failed: {reason}.") from error
