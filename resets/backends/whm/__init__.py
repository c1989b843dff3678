"""Accounts of cPanel servers, through WHM API 1."""

from resets.backends.whm.backend import Whm

__all__ = ["Whm"]
