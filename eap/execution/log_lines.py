"""Lines of a run's log: kept as rows, redacted before they come here, some at a time, bounded for each execution."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Final

from django.db import transaction

from eap.models import LogLine, StepTarget
from web import live

MOST_LINES: Final = 5_000
"""For each execution. A thousand hosts then say at most five million lines, and one that runs wild drowns none."""
LONGEST: Final = 4_000
CUT: Final = "The rest of what it said was left out: one execution may say 5,000 lines."


class LogLines:
    """Collects the lines of one execution and writes them together.

    `say` may be called from any thread, also inside an event loop: it only keeps the line. Somebody else's `flush`
    writes: the heartbeat's a few times a second, and the executor's at the end.
    """

    def __init__(self, row: StepTarget) -> None:
        self._row = row
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: list[tuple[datetime, str]] = []
        self._count = row.lines

    def say(self, text: str) -> None:
        """Take what was said, one or several lines; too many are left out with a sentence. Never blocks."""
        now = datetime.now(tz=UTC)
        with self._lock:
            for line in text.splitlines() or [""]:
                if self._count > MOST_LINES:
                    return
                self._waiting.append((now, CUT if self._count == MOST_LINES else line[:LONGEST].replace("\x00", "�")))
                self._count += 1

    def flush(self) -> None:
        """Write what waits, in order, and have screens fetch it."""
        with self._writing:
            with self._lock:
                lines, self._waiting = self._waiting, []
                count = self._count
            if not lines:
                return
            row = self._row
            with transaction.atomic():
                LogLine.objects.bulk_create(
                    LogLine(run_id=row.run_id, step_id=row.step_id, target_name=row.name, at=at, text=text)
                    for at, text in lines
                )
                StepTarget.objects.filter(pk=row.pk).update(lines=count)
                live.changed(f"run-log:{row.run_id}")
