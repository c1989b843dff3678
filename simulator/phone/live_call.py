"""The life of one call, from ringing to its final state, with the callbacks that tell of it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from email.utils import format_datetime

from simulator.clock import Clock
from simulator.phone.decision import Decision, PickUp, Refusal, decided_by
from simulator.phone.keypad import Keypad
from simulator.phone.legs import Through
from simulator.phone.switchboard import Switchboard
from simulator.phone.walk import Place, Rejected, Walk
from simulator.provider.callbacks import CallbackLine
from simulator.provider.fields import LONGEST_RING_S, whole_number
from simulator.provider.representation import API_VERSION, duration_s
from simulator.provider.webhook import Webhooks
from simulator.records import Call
from simulator.script import Behaviour

RINGS_AFTER_S = 0.05
SIP_CODE = {"completed": 200, "busy": 486, "no-answer": 487, "canceled": 487}
EVENT_OF_STATE = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}
EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})


class CallIsOver(Exception):
    """What is asked of the call can't be done in its state."""


class LiveCall:
    """Runs one call. All methods return at once but `run` and `over`; `changed` hears of every step."""

    def __init__(
        self,
        *,
        call: Call,
        behaviour: Behaviour,
        webhooks: Webhooks,
        callbacks: CallbackLine,
        clock: Clock,
        switchboard: Switchboard,
        changed: Callable[[Call], None],
        through: Through | None = None,
    ) -> None:
        self.call = call
        self.keypad = Keypad()
        self.behaviour = behaviour
        self._switchboard = switchboard
        self._through = through
        self._walk: Walk | None = None
        self._webhooks = webhooks
        self._callbacks = callbacks
        self._clock = clock
        self._changed = changed
        self._decision: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        self._over = asyncio.Event()
        self._walking: asyncio.Future[None] | None = None
        self._moved_to: Place | None = None
        self._hung_up = False
        self._sequence = 0
        wanted = call.params.get("StatusCallbackEvent") or ["completed"]
        self._wanted = {event for given in wanted for event in given.split()} & EVENTS or {"completed"}

    async def over(self) -> None:
        """Returns when the call has its final state."""
        await self._over.wait()

    def decide(self, decision: Decision) -> None:
        """Answers or refuses while it rings. Raises CallIsOver afterwards."""
        if self._decision.done() or self.call.is_final:
            raise CallIsOver(f"The call is {self.call.state}; it doesn't ring any more.")
        self._decision.set_result(decision)

    def press(self, keys: str) -> None:
        if self.call.state != "in-progress":
            raise CallIsOver(f"The call is {self.call.state}; nobody hears the keys.")
        self.keypad.press(keys)

    def hang_up(self) -> None:
        """Either side ends a call that was answered, or gives up one that rings (`canceled`)."""
        if self.call.is_final:
            raise CallIsOver(f"The call is {self.call.state} already.")
        if not self._decision.done():
            self._decision.set_result(Refusal(state="canceled"))
            return
        self._hung_up = True  # it may have been answered this very moment, and not talk yet
        if self._walking is not None:
            self._walking.cancel()

    def give_up(self) -> None:
        """As `hang_up`; nothing where it is over already."""
        with suppress(CallIsOver):
            self.hang_up()

    def say(self, text: str) -> None:
        """The person says something. Raises CallIsOver where nobody hears it."""
        if self.call.state != "in-progress" or not self._switchboard.ears.say(self.call, text):
            raise CallIsOver("Nobody hears you on this call now.")

    def move_to(self, place: Place) -> None:
        """Goes on in another document (the API's redirect of a live call). Raises CallIsOver."""
        if self.call.state != "in-progress" or self._walking is None:
            raise CallIsOver("Call is not in-progress. Cannot redirect.")
        self._moved_to = place
        self._walking.cancel()

    def fail(self) -> None:
        """Ends a call that nobody can carry on, and tells of it."""
        self.call.rings_until = None
        self._enter("failed")

    async def run(self) -> None:
        try:
            if self.call.is_inbound:
                await self._run_inbound()
            else:
                await self._run_outbound()
        finally:
            self._over.set()

    async def _run_outbound(self) -> None:
        self._report("initiated")
        await asyncio.sleep(RINGS_AFTER_S)
        self._enter("ringing")
        decision = await self._ring()
        if isinstance(decision, Refusal):
            self.call.sip_code = decision.sip_code
            self._enter(decision.state)
            return
        place = Place(
            url=self.call.param("Url"),
            method=self.call.param("Method", "POST"),
            twiml="" if self.call.param("Url") else self.call.param("Twiml"),
        )
        self._pick_up(decision)
        if place.url or place.twiml:
            await self._talk(place)
        if self._through is not None and not (self._walk is not None and self._walk.has_hung_up):
            await self._while_on_the_line(self._through(self))
        self._enter("completed")

    async def _run_inbound(self) -> None:
        """The person calls: they listen from the first word, and the customer may reject."""
        decision = await self._decision
        if isinstance(decision, Refusal):
            self._enter(decision.state)
            return
        place = Place(url=self.call.param("Url"))
        self._hold(decision)
        self.call.started_at = self._clock.now()
        self.call.on_the_line = decision.live
        try:
            await self._talk(place)
        except Rejected as rejected:
            self.call.started_at = None
            self._enter(str(rejected))
        else:
            self._enter("completed")

    async def _ring(self) -> Decision:
        timeout_s = whole_number(self.call.params, "Timeout", default=60, low=1, high=LONGEST_RING_S)
        self.call.rings_until = self._clock.now() + timedelta(seconds=timeout_s)
        self._changed(self.call)
        scripted = decided_by(self.behaviour)
        delay_s = self.behaviour.delay_s or 0.0
        try:
            if scripted is not None and delay_s < timeout_s:
                with suppress(TimeoutError):
                    return await asyncio.wait_for(asyncio.shield(self._decision), timeout=delay_s)
                if not self._decision.done():
                    self._decision.set_result(scripted)
            return await asyncio.wait_for(asyncio.shield(self._decision), timeout=timeout_s)
        except TimeoutError:
            return Refusal(state="no-answer")
        finally:
            if not self._decision.done():
                self._decision.set_result(Refusal(state="no-answer"))
            self.call.rings_until = None

    def _pick_up(self, decision: PickUp) -> None:
        self._hold(decision)
        self.call.voicemail = decision.machine
        self.call.on_the_line = decision.live
        self.call.started_at = self._clock.now()
        detection = self.call.param("MachineDetection")
        if detection:
            machine = "machine_end_beep" if detection == "DetectMessageEnd" else "machine_start"
            self.call.answered_by = machine if decision.machine else "human"
        self._enter("in-progress")
        if detection and self._detects_aside:
            self._callbacks_of_detection()

    def _hold(self, decision: PickUp) -> None:
        self.keypad.live = decision.live
        self.keypad.says = decision.says
        self.keypad.stays_s = decision.stays_s or self.behaviour.talk_s
        self.keypad.press(decision.keys)

    @property
    def _detects_aside(self) -> bool:
        return self.call.param("AsyncAmd", "false").lower() == "true"

    def _callbacks_of_detection(self) -> None:
        """With AsyncAmd the call goes on at once and the finding is told to an address of its own."""
        url = self.call.param("AsyncAmdStatusCallback")
        if not url:
            return
        params = {
            "CallSid": self.call.sid,
            "AccountSid": self.call.account_sid,
            "AnsweredBy": self.call.answered_by or "unknown",
            "MachineDetectionDuration": "2000",
        }
        self._callbacks.add(event="machine-detection", params=params, last=False, url=url)

    async def _talk(self, place: Place | None) -> None:
        while place is not None and not self._hung_up:
            walk = self._walk = Walk(
                call=self.call,
                keypad=self.keypad,
                webhooks=self._webhooks,
                clock=self._clock,
                switchboard=self._switchboard,
                params=self._request_params,
                begun=self._take_up,
                changed=lambda: self._changed(self.call),
            )
            self._moved_to = None
            await self._while_on_the_line(walk.run(place))
            place = self._moved_to

    async def _while_on_the_line(self, work: Awaitable[None]) -> None:
        """Does something until it is over or somebody hangs up."""
        self._walking = asyncio.ensure_future(work)
        if self._hung_up:
            self._walking.cancel()
        try:
            await asyncio.wait({self._walking})
        except asyncio.CancelledError:
            self._walking.cancel()
            raise
        if not self._walking.cancelled():
            self._walking.result()

    def _take_up(self) -> None:
        if self.call.is_inbound and self.call.state == "ringing":
            self._enter("in-progress")

    def _enter(self, state: str) -> None:
        now = self._clock.now()
        self.call.state = state
        self.call.updated_at = now
        if self.call.is_final:
            self.call.ended_at = now
            self.call.on_the_line = self.call.waits_for_digits = False
        self._changed(self.call)
        self._report(state)

    def _request_params(self) -> dict[str, str]:
        """What every request about the call carries."""
        call = self.call
        params = {
            "AccountSid": call.account_sid,
            "ApiVersion": API_VERSION,
            "CallSid": call.sid,
            "From": call.from_number,
            "To": call.to,
            "Caller": call.from_number,
            "Called": call.to,
            "Direction": call.direction,
            "CallStatus": call.state,
        }
        if call.parent:
            params["ParentCallSid"] = call.parent
        if call.answered_by and not self._detects_aside:
            params["AnsweredBy"] = call.answered_by
        return params

    def _report(self, state: str) -> None:
        event = EVENT_OF_STATE.get(state, "completed")
        sequence, self._sequence = self._sequence, self._sequence + 1
        if event not in self._wanted:
            return
        params = self._request_params() | {
            "CallStatus": state,
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(sequence),
            "Timestamp": format_datetime(self._clock.now()),
        }
        if event == "completed":
            seconds = duration_s(self.call)
            params |= {"CallDuration": str(seconds), "Duration": str(-(-seconds // 60))}
            code = self.call.sip_code or SIP_CODE.get(state)
            if code is not None:
                params["SipResponseCode"] = str(code)
        self._callbacks.add(event=event, params=params, last=event == "completed")
