"""Dial with Number: other phones ring, the first that takes it is put through."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from simulator.phone.ears import Ears
from simulator.phone.keypad import Keypad
from simulator.phone.twiml import Verb
from simulator.provider.representation import duration_s
from simulator.records import Call

if TYPE_CHECKING:
    from simulator.phone.live_call import LiveCall

Through = Callable[["LiveCall"], Awaitable[None]]
"""What a call that a Dial placed goes on with once it was taken; it returns when that is over."""
LegPlacer = Callable[[Call, str, dict[str, list[str]], Through], "LiveCall"]
"""Places a call on behalf of another one: the parent, the number, the parameters, what happens once it is taken."""
MOST_NUMBERS = 10


class Legs:
    """The calls that one Dial places."""

    def __init__(self, *, ears: Ears, place: LegPlacer) -> None:
        self._ears = ears
        self._place = place

    async def dial(self, *, call: Call, keypad: Keypad, dial: Verb, url: str) -> dict[str, str]:
        """Rings the numbers at once and talks with the first that takes it; what the Dial's action is told.

        A Number's own document (`url`) is heard before that; hanging up in it does not take the call. Whoever cancels
        this hangs everybody up.
        """
        numbers = [inner for inner in dial.inside if inner.name == "Number"][:MOST_NUMBERS]
        if not numbers and dial.text:
            numbers = [Verb(name="Number", text=dial.text)]
        taken: asyncio.Future[LiveCall] = asyncio.get_running_loop().create_future()
        talking_over = asyncio.Event()

        async def through(leg: LiveCall) -> None:
            if taken.done():
                return
            taken.set_result(leg)
            self._ears.listen(leg.call, lambda: [call.sid])
            try:
                await leg.keypad.stay(talking_over)
            finally:
                self._ears.stop(leg.call)

        legs = [
            self._place(call, number.text, self._params(dial, number, call=call, url=url), through)
            for number in numbers
        ]
        try:
            return await self._wait(call, keypad, legs, taken)
        finally:
            talking_over.set()
            for leg in legs:
                leg.give_up()

    async def _wait(
        self, call: Call, keypad: Keypad, legs: list[LiveCall], taken: asyncio.Future[LiveCall]
    ) -> dict[str, str]:
        ends = [asyncio.ensure_future(leg.over()) for leg in legs]
        everybody: asyncio.Future[list[None]] = asyncio.gather(*ends)
        first: list[asyncio.Future[Any]] = [taken, everybody]
        try:
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
            if not taken.done():
                return _told(legs[-1], bridged=False) if legs else {"DialCallStatus": "failed"}
            leg = taken.result()
            for other in legs:
                if other is not leg:
                    other.give_up()
            self._ears.listen(call, lambda: [leg.call.sid])
            hung_up = asyncio.Event()
            watching = asyncio.ensure_future(_set_after(leg, hung_up))
            try:
                await keypad.stay(hung_up)
            finally:
                watching.cancel()
                self._ears.stop(call)
            leg.give_up()
            await leg.over()
            return _told(leg, bridged=True)
        finally:
            for end in ends:
                end.cancel()

    def _params(self, dial: Verb, number: Verb, *, call: Call, url: str) -> dict[str, list[str]]:
        params = {"From": dial.attributes.get("callerId") or call.to, "Timeout": dial.attributes.get("timeout", "30")}
        for name, attribute in (("Url", "url"), ("StatusCallback", "statusCallback")):
            if number.attributes.get(attribute):
                params[name] = urljoin(url, number.attributes[attribute])
        if number.attributes.get("method"):
            params["Method"] = number.attributes["method"]
        if number.attributes.get("statusCallbackEvent"):
            params["StatusCallbackEvent"] = number.attributes["statusCallbackEvent"]
        return {name: [value] for name, value in params.items()}


async def _set_after(leg: LiveCall, event: asyncio.Event) -> None:
    await leg.over()
    event.set()


def _told(leg: LiveCall, *, bridged: bool) -> dict[str, str]:
    state = "no-answer" if leg.call.state == "canceled" else leg.call.state
    return {
        "DialCallStatus": state,
        "DialCallSid": leg.call.sid,
        "DialCallDuration": str(duration_s(leg.call)),
        "DialBridged": str(bridged).lower(),
    }
