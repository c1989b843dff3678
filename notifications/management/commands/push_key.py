"""`bin/manage push_key`: show the public key that devices with notifications on trust."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from notifications.channels.push.keys import push_keys


class Command(BaseCommand):
    """Print the public key (P-256, URL-safe base64); the pair is made if there is none yet."""

    help = "Show the public key of web push; it is made on the first run and kept encrypted in the database."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print it."""
        self.stdout.write(push_keys().public)
