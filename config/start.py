"""Starting a process: the settings are read first, and a wrong one ends it with one sentence."""

from __future__ import annotations

import importlib
import os
import sys

from config.environment import WrongSettingError


def read_settings() -> None:
    """Read the settings, or write the sentence that names the wrong one to standard error and exit 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        importlib.import_module(os.environ["DJANGO_SETTINGS_MODULE"])
    except WrongSettingError as error:
        sys.stderr.write(f"Muster can't start: {error}\n")
        raise SystemExit(1) from None


def load_views() -> None:
    """Import every address with its view, and Slack's library where Slack is set up; Django's set-up comes before.

    Else the first request of a process does, in a second or more of which Slack, who waits 3 s, has none to give.
    """
    from django.urls import get_resolver

    from notifications.slack.client import prepare

    get_resolver()._populate()  # what `reverse` does at its first use; nothing public does it without a name
    prepare()
