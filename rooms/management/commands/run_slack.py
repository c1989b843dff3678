"""`run_slack`: hear what Slack tells by Socket Mode, until SIGTERM or SIGINT."""

from __future__ import annotations

import signal
import threading

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import get_resolver

from notifications.slack.client import prepare
from rooms.slack.socket_mode import listen


class Command(BaseCommand):
    """Keeps two connections. Any number of these processes may run: Slack gives each envelope to one of them."""

    help = "Hear what Slack tells by Socket Mode (SLACK_APP_TOKEN). Ends on SIGTERM."
    requires_system_checks = []

    def handle(self, *_arguments: object, **_options: object) -> None:
        """Run until a signal."""
        if not settings.SLACK_APP_TOKEN:
            # Not an error: the service manager of a host that Slack calls by HTTP starts this all the same.
            self.stdout.write("SLACK_APP_TOKEN is not set: what Slack tells comes by HTTP, and nothing is to be done.")
            return
        # Before the first envelope: Slack waits 3 s for what is done with it.
        get_resolver()._populate()
        prepare()
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        listen(stopping=stopping)
        stopping.wait()
