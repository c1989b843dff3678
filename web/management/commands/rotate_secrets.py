"""Encrypt every stored secret with the newest key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from web.secrets import encrypted_fields, rotate


class Command(BaseCommand):
    """After a new key was put first in SECRETS_KEYS and all processes were restarted; then the old key may go."""

    help = "Encrypt every stored secret with the newest key of SECRETS_KEYS. Afterwards older keys may be removed."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Rotate model by model and say how many rows each had."""
        for model, names in encrypted_fields():
            count = rotate(model, names)
            self.stdout.write(f"{model._meta.label}: {count} rows, fields {', '.join(names)}")
        self.stdout.write(self.style.SUCCESS("All stored secrets are encrypted with the newest key."))
