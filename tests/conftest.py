"""What every test relies on: no network beyond this machine."""

from __future__ import annotations

import sys
from typing import Final

LOOPBACK: Final = ("127.", "::1", "localhost", "0.0.0.0")  # noqa: S104 - compared with, not bound to


def _refuse_other_machines(event: str, arguments: tuple[object, ...]) -> None:
    """Stop a connection or a look-up that would leave this machine; PEP 578 hooks see every socket of Python."""
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if isinstance(host, str | bytes) and host:
        name = host.decode() if isinstance(host, bytes) else host
        if not name.startswith(LOOPBACK):
            raise PermissionError(f"A test tried to reach {name}. Tests talk to this machine only.")


sys.addaudithook(_refuse_other_machines)
