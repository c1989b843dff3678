"""Accounts behind an endpoint that somebody writes for us (docs/reset-endpoint.md)."""

from resets.backends.http.backend import Http

__all__ = ["Http"]
