"""Accounts of Plesk servers, through the REST API."""

from resets.backends.plesk.backend import Plesk

__all__ = ["Plesk"]
