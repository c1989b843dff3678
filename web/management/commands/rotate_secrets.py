"""Encrypt every stored secret with the newest key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from web.secrets import rotations


class Command(BaseCommand):
    """After a new key was put first in SECRETS_KEYS and all processes were restarted; then the old key may go."""

    help = "Encrypt every stored secret with the newest key of SECRETS_KEYS. Afterwards older keys may be removed."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Rotate one kind after the other and say how many rows each had."""
        for name, rotate_them in rotations().items():
            self.stdout.write(f"{name}: {rotate_them()} rows")
        self.stdout.write(self.style.SUCCESS("All stored secrets are encrypted with the newest key."))
