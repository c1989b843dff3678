"""Backup and restore as an app: only commands; it stores nothing of its own."""

from django.apps import AppConfig


class BackupConfig(AppConfig):
    """Writes and restores backups."""

    name = "backup"
