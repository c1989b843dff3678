"""The process of Socket Mode, as the supervisor starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from pytest_django import Settings

from rooms.slack.socket_mode import CONNECTIONS
from tests.phones import SLACK
from tests.workspace import Workspace

pytestmark = pytest.mark.django_db(transaction=True)
START_S: Final = 90.0
"""A process that loads every view takes seconds, on a busy machine many."""
ROOT: Final = Path(__file__).resolve().parents[3]


def test_it_keeps_two_lines_through_a_renewal_and_ends_when_asked(slack: Workspace, settings: Settings) -> None:
    env = {**os.environ, **SLACK, "SLACK_API_URL": settings.SLACK_API_URL}
    process = subprocess.Popen([sys.executable, "manage.py", "run_slack"], env=env, cwd=ROOT)
    try:
        slack.wait_for(lambda: slack.sockets() == CONNECTIONS, "Both lines", patience_s=START_S)
        assert slack.disconnect() == CONNECTIONS
        slack.wait_for(lambda: slack.sockets() == CONNECTIONS, "Both lines again")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=START_S) == 0
    finally:
        process.kill()
        process.wait(timeout=30)
    slack.wait_for(lambda: slack.sockets() == 0, "The end of the lines")
