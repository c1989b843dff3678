"""What a web process has done before its first request comes."""

from __future__ import annotations

import json
from typing import Final

from tests.config.test_environment import start

FIRST_REQUEST: Final = """
import json, sys
from config.wsgi import application
from wsgiref.util import setup_testing_defaults

before = set(sys.modules)
environment = {"PATH_INFO": "/slack/commands", "HTTP_HOST": "localhost"}
setup_testing_defaults(environment)
said = []
b"".join(application(environment, lambda status, headers: said.append(status)))
from django.urls import reverse
reverse("slack_link", args=["x"])
ours = ("config", "rooms", "eap", "statuspage", "intake", "incidents", "notifications", "people", "resets", "slack_sdk")
late = sorted(name for name in set(sys.modules) - before if name.partition(".")[0] in ours)
print(json.dumps([said[0], late, "slack_sdk" in before]))
"""


def test_the_first_request_finds_everything_loaded() -> None:
    """Slack waits 3 s for an answer; loading the views takes a good part of that, longer on a small machine."""
    told = start(
        "-c", FIRST_REQUEST, SLACK_BOT_TOKEN="xoxb-1", SLACK_SIGNING_SECRET="secret", ALLOWED_HOSTS="localhost"
    )
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout.splitlines()[-1]) == ["405 Method Not Allowed", [], True]
