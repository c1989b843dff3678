"""Users of Linux hosts, in their /etc/shadow, over SSH."""

from resets.backends.shadow.backend import Shadow

__all__ = ["Shadow"]
