"""`run_engine`: do what is due, until SIGTERM or SIGINT."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.utils import Error as DatabaseError

from engine import beats, watch
from engine.database_watch import DatabaseWatch
from engine.duties import registered
from engine.loop import Loop
from engine.watchdog import Watchdog

STOP_WITHIN_S = 4.0
STUCK = 70  # EX_SOFTWARE of sysexits.h

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    """Runs every registered duty in a thread of its own. Any number of engines may run."""

    help = "Run the engine: advances pages, sends what is due, and watches over it. Ends on SIGTERM within 5 seconds."
    requires_system_checks = []

    def handle(self, *_arguments: object, **_options: object) -> None:
        """Run until a signal; exit 70 when a duty hangs where nothing can cut it."""
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        DatabaseWatch(stopping=stopping).start()
        if not self._announce(stopping):
            return
        loop = Loop([*registered().values(), watch.duty()], stopping=stopping)
        loop.start()
        if settings.WATCHDOG_URL:
            Watchdog(url=settings.WATCHDOG_URL, all_is_well=watch.all_is_well, stopping=stopping).start()
        log.info("engine_started", duties=[*registered()])
        code = self._wait(loop, stopping)
        if not loop.stop(within_s=STOP_WITHIN_S) or code:
            # A thread still hangs in a statement or in a call: the server rolls back what it had open.
            logging.shutdown()
            sys.stdout.flush()
            os._exit(code)
        log.info("engine_stopped")

    def _announce(self, stopping: threading.Event) -> bool:
        """Give the duties their rows as soon as the database is there; tell whether it came before the stop."""
        while not stopping.is_set():
            try:
                beats.announce([*registered(), watch.NAME])
            except DatabaseError as error:
                log.warning("engine_waits_for_database", error=str(error).strip())
                connection.close()
                stopping.wait(1.0)
            else:
                connection.close()
                return True
        return False

    def _wait(self, loop: Loop, stopping: threading.Event) -> int:
        while not stopping.wait(1.0):
            stuck = loop.stuck()
            if stuck:
                log.critical("engine_stuck", thread=stuck)
                stopping.set()
                return STUCK
        return 0
