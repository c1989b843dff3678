"""What a call's document may ask of others: a conference, other phones, a tape."""

from collections.abc import Callable, Mapping

from simulator.network import Network
from simulator.phone.conferences import Conferences
from simulator.phone.ears import Ears
from simulator.phone.keypad import Keypad
from simulator.phone.legs import LegPlacer, Legs
from simulator.phone.recorder import Recorder
from simulator.phone.twiml import Verb
from simulator.records import Call
from simulator.script import Behaviour


class Switchboard:
    """Joins calls with each other, for one network."""

    def __init__(self, *, network: Network, place: LegPlacer, behaviour_of: Callable[[Call], Behaviour]) -> None:
        self.ears = Ears(network=network)
        self.conferences = Conferences(network=network, ears=self.ears, behaviour_of=behaviour_of)
        self._legs = Legs(ears=self.ears, place=place)
        self._recorder = Recorder(network=network, ears=self.ears)

    async def dial(self, *, call: Call, keypad: Keypad, dial: Verb, url: str) -> dict[str, str]:
        """Does a Dial; what its action is told."""
        conference = next((inner for inner in dial.inside if inner.name == "Conference"), None)
        if conference is not None:
            await self.conferences.join(call=call, keypad=keypad, conference=conference, url=url)
            return {"DialCallStatus": "completed"}
        return await self._legs.dial(call=call, keypad=keypad, dial=dial, url=url)

    async def record(
        self, *, call: Call, keypad: Keypad, verb: Verb, url: str, params: Mapping[str, str]
    ) -> dict[str, str]:
        """Does a Record; what its action is told."""
        return await self._recorder.record(call=call, keypad=keypad, verb=verb, url=url, params=params)
