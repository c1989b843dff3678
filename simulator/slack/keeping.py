"""What stands in the workspace outlives a restart of the simulator: one file, written whole, at most once a second."""

import asyncio
import json
import logging
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from simulator.slack.workspace import Channel, Message, View, Workspace

log = logging.getLogger("simulator")

FILE = "workspace.json"
EVERY_S = 1.0
KEPT_MESSAGES = 1_000


class Keeping:
    """Keeps one workspace in a folder. What was written within the last second may be lost by a kill."""

    def __init__(self, *, room: Workspace, folder: Path) -> None:
        self._room = room
        self._path = folder / FILE
        self._written = ""
        self._seen = -1

    def restore(self) -> None:
        """Takes back channels, messages and Home tabs. A file that can't be read is passed over, and said so."""
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            channels = [Channel(**each) for each in kept["channels"]]
            messages = [Message(**each) for each in kept["messages"]]
            homes = [View(**each) for each in kept["homes"]]
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("The workspace in %s can't be read: %r", self._path, error)
            return
        self._room.channels.update({each.id: each for each in channels})
        self._room.messages.update({(each.channel, each.ts): each for each in messages})
        self._room.homes.update({each.user: each for each in homes})
        self._room.bell.ring()

    def write(self) -> None:
        """Writes what stands there now, if that is not in the file already. A full disk is said and tried again."""
        seq = self._room.bell.seq
        if seq == self._seen:
            return
        kept = {
            "channels": [asdict(each) for each in self._room.channels.values()],
            "messages": [asdict(each) for each in list(self._room.messages.values())[-KEPT_MESSAGES:]],
            "homes": [asdict(each) for each in self._room.homes.values()],
        }
        text = json.dumps(kept)
        if text == self._written:
            self._seen = seq
            return
        fresh = self._path.with_suffix(".fresh")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(self._path)
        except OSError as error:
            log.warning("The workspace can't be kept in %s: %s", self._path, error)
            return
        self._seen, self._written = seq, text

    async def keep_writing(self) -> None:
        """Until it is cancelled; what is there then is written once more."""
        with suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(EVERY_S)
                self.write()
        self.write()
