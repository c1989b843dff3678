"""Who hears what somebody says into their phone."""

from collections.abc import Callable

from simulator.clock import iso
from simulator.network import Network
from simulator.records import Call, Spoken

Others = Callable[[], list[str]]


class Ears:
    """What is said on one call, written down where others hear it."""

    def __init__(self, *, network: Network) -> None:
        self._network = network
        self._others: dict[str, Others] = {}

    def listen(self, call: Call, others: Others) -> None:
        """From now on those calls (by id, none: only a tape) hear what is said on this one."""
        self._others[call.sid] = others
        call.is_heard = True
        self._network.calls.changed(call)

    def stop(self, call: Call) -> None:
        """Nobody hears it any more."""
        if self._others.pop(call.sid, None) is not None:
            call.is_heard = False
            self._network.calls.changed(call)

    def say(self, call: Call, text: str) -> bool:
        """Says something into a phone; False when nobody is there to hear it."""
        others = self._others.get(call.sid)
        if others is None:
            return False
        self._hears(call, kind="own", text=text)
        name = self._network.contacts.get(call.person, {}).get("name") or call.person
        for sid in others():
            other = self._network.calls.get(sid)
            if other is not None:
                self._hears(other, kind="said", text=f"{name}: {text}")
        return True

    def _hears(self, call: Call, *, kind: str, text: str) -> None:
        call.heard.append(Spoken(at=iso(self._network.clock.now()) or "", kind=kind, text=text, language=""))
        self._network.calls.changed(call)
