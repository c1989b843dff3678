"""Placing calls, finding the live ones, and what people and the customer do with them."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from simulator.network import Network
from simulator.phone.decision import Decision, PickUp
from simulator.phone.legs import Through
from simulator.phone.live_call import CallIsOver, LiveCall
from simulator.phone.switchboard import Switchboard
from simulator.phone.twiml import sentences
from simulator.phone.walk import Place
from simulator.provider.callbacks import CallbackLine
from simulator.records import Call, new_sid
from simulator.script import UNSCRIPTED, Behaviour


class Calls:
    """The calls of one network. Records stay in `network.calls`; what is live is kept here."""

    def __init__(self, *, network: Network) -> None:
        self._network = network
        self._live: dict[str, LiveCall] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self.switchboard = Switchboard(network=network, place=self._place_leg, behaviour_of=self._behaviour_of)

    def place(self, *, form: Mapping[str, Sequence[str]], received_at: datetime, behaviour: Behaviour) -> Call:
        """A call that the customer asked for, checked already. It begins to ring after this returns."""
        call = Call(
            sid=new_sid("CA"),
            account_sid=self._network.settings.account_sid,
            to=form["To"][0].strip(),
            from_number=form["From"][0].strip(),
            direction="outbound-api",
            state="queued",
            received_at=received_at,
            params={name: list(values) for name, values in form.items()},
            preview=sentences(form["Twiml"][0]) if form.get("Twiml") and not form.get("Url") else "",
        )
        self._begin(call, behaviour)
        return call

    def _place_leg(self, parent: Call, number: str, params: dict[str, list[str]], through: Through) -> LiveCall:
        """A call that another one's Dial places. A number that can't be dialled fails, as a wrong one does."""
        call = Call(
            sid=new_sid("CA"),
            account_sid=self._network.settings.account_sid,
            to=number,
            from_number=params["From"][0],
            direction="outbound-dial",
            state="queued",
            received_at=self._network.clock.now(),
            params=params,
            parent=parent.sid,
        )
        return self._begin(call, self._network.script.take(number), through=through)

    def _behaviour_of(self, call: Call) -> Behaviour:
        live = self._live.get(call.sid)
        return live.behaviour if live is not None else UNSCRIPTED

    def receive(self, *, from_number: str, to: str, pick_up: PickUp) -> LiveCall:
        """A person calls the customer's number and does what `pick_up` says: keys as they are asked for, words."""
        call = Call(
            sid=new_sid("CA"),
            account_sid=self._network.settings.account_sid,
            to=to,
            from_number=from_number,
            direction="inbound",
            state="ringing",
            received_at=self._network.clock.now(),
            params={"Url": [self._network.settings.voice_url]},
        )
        begun = self._begin(call, UNSCRIPTED)
        begun.decide(pick_up)
        return begun

    def _begin(self, call: Call, behaviour: Behaviour, *, through: Through | None = None) -> LiveCall:
        network = self._network
        network.calls.put(call)
        live = LiveCall(
            call=call,
            behaviour=behaviour,
            webhooks=network.webhooks,
            callbacks=self._callbacks(call, behaviour),
            clock=network.clock,
            switchboard=self.switchboard,
            changed=network.calls.changed,
            through=through,
        )
        self._live[call.sid] = live
        self._running[call.sid] = network.start(self._run(live))
        return live

    def _callbacks(self, call: Call, behaviour: Behaviour) -> CallbackLine:
        return CallbackLine(
            webhooks=self._network.webhooks,
            behaviour=behaviour,
            url=call.param("StatusCallback"),
            method=call.param("StatusCallbackMethod", "POST"),
            log=call.callbacks,
            on_sent=lambda: self._network.calls.changed(call),
            start=self._network.start,
        )

    async def _run(self, live: LiveCall) -> None:
        try:
            await live.run()
        finally:
            self._live.pop(live.call.sid, None)
            self._running.pop(live.call.sid, None)

    async def decide(self, *, sid: str, decision: Decision) -> None:
        """A person answers or refuses. Returns when the call is over, or at once if somebody stays on the line.

        Raises CallIsOver if it doesn't ring any more.
        """
        live = self.live(sid)
        live.decide(decision)
        if not (isinstance(decision, PickUp) and decision.stays):
            await live.over()

    def live(self, sid: str) -> LiveCall:
        """Raises CallIsOver."""
        live = self._live.get(sid)
        if live is None:
            raise CallIsOver("The call is over.")
        return live

    async def change(self, *, call: Call, form: Mapping[str, Sequence[str]]) -> None:
        """The API's update: Status=completed hangs up, Status=canceled only before the answer, Url or Twiml move a
        live call to other words. Raises CallIsOver."""
        status = (form.get("Status") or [""])[0]
        if status:
            if status == "canceled" and call.state == "in-progress":
                return
            live = self.live(call.sid)
            live.hang_up()
            await live.over()
            return
        url, twiml = (form.get("Url") or [""])[0], (form.get("Twiml") or [""])[0]
        if url or twiml:
            method = (form.get("Method") or ["POST"])[0]
            self.live(call.sid).move_to(Place(url=url, method=method, twiml=twiml))

    def clear(self) -> None:
        """Forgets all calls. Those that still ring or talk end without a word to the customer."""
        for task in self._running.values():
            task.cancel()
        self._network.calls.clear()

    def end_interrupted(self) -> None:
        """Calls that a stop of the simulator cut off have failed; the customer is told as of any failed call."""
        for call in [call for call in self._network.calls if not call.is_final]:
            LiveCall(
                call=call,
                behaviour=UNSCRIPTED,
                webhooks=self._network.webhooks,
                callbacks=self._callbacks(call, UNSCRIPTED),
                clock=self._network.clock,
                switchboard=self.switchboard,
                changed=self._network.calls.changed,
            ).fail()
