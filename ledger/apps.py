"""The ledger as a Django app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Owns the entries, their heads, personal texts and sealed segments."""

    name = "ledger"
