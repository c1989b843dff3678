"""Conferences: calls that hear each other, and the news of who came and went."""

import asyncio
from collections.abc import Callable
from email.utils import format_datetime
from urllib.parse import urljoin

from simulator.network import Network
from simulator.phone.ears import Ears
from simulator.phone.keypad import Keypad
from simulator.phone.records import Conference
from simulator.phone.twiml import Verb
from simulator.provider.callbacks import CallbackLine
from simulator.records import Call, new_sid
from simulator.script import Behaviour

EVENTS = {
    "participant-join": "join",
    "participant-leave": "leave",
    "conference-start": "start",
    "conference-end": "end",
}


class LiveConference:
    """One conference while somebody is in it. The first one's document says where its news go."""

    def __init__(self, *, network: Network, record: Conference, line: CallbackLine, wanted: frozenset[str]) -> None:
        self.record = record
        self.over = asyncio.Event()
        self._network = network
        self._line = line
        self._wanted = wanted
        self._sequence = 0
        self._leaving: dict[str, asyncio.Event] = {}

    def enter(self, call: Call, *, label: str) -> asyncio.Event:
        """Puts a call in; the event is set when it has to leave."""
        self.record.participants.append(call.sid)
        if label:
            self.record.labels[call.sid] = label
        leaving = self._leaving[call.sid] = asyncio.Event()
        self._tell("participant-join", call=call)
        if len(self.record.participants) == 2 and self.record.state == "init":
            self._become("in-progress")
            self._tell("conference-start", call=None)
        self._become(self.record.state)
        return leaving

    def leave(self, call: Call) -> None:
        """Takes a call out; the last one ends it."""
        self.record.participants.remove(call.sid)
        self._leaving.pop(call.sid).set()
        self._tell("participant-leave", call=call)
        if not self.record.participants:
            self.end()
        self._become(self.record.state)

    def remove(self, sid: str) -> None:
        """Lets one call go on after its Dial."""
        self._leaving[sid].set()

    def end(self) -> None:
        """Lets everybody go, once."""
        if not self.over.is_set():
            self.over.set()
            self._become("completed")
            for leaving in self._leaving.values():
                leaving.set()
            self._tell("conference-end", call=None)

    def _become(self, state: str) -> None:
        self.record.state = state
        self.record.updated_at = self._network.clock.now()
        self._network.conferences.changed(self.record)

    def _tell(self, event: str, *, call: Call | None) -> None:
        sequence, self._sequence = self._sequence + 1, self._sequence + 1
        if EVENTS[event] not in self._wanted:
            return
        params = {
            "ConferenceSid": self.record.sid,
            "FriendlyName": self.record.to,
            "AccountSid": self.record.account_sid,
            "Timestamp": format_datetime(self._network.clock.now()),
            "StatusCallbackEvent": event,
            "SequenceNumber": str(sequence),
        }
        if call is not None:
            params |= {"CallSid": call.sid, "Muted": "false", "Hold": "false", "Coaching": "false"}
            if label := self.record.labels.get(call.sid):
                params["ParticipantLabel"] = label
        if event == "conference-end":
            params["ReasonConferenceEnded"] = "last-participant-left"
        self._line.add(event=event, params=params, last=event == "conference-end")


class Conferences:
    """The conferences of one network, by their friendly names."""

    def __init__(self, *, network: Network, ears: Ears, behaviour_of: Callable[[Call], Behaviour]) -> None:
        self._network = network
        self._ears = ears
        self._behaviour_of = behaviour_of
        self._live: dict[str, LiveConference] = {}

    def live(self, sid: str) -> LiveConference | None:
        """The conference of this id, while it lasts."""
        return next((each for each in self._live.values() if each.record.sid == sid), None)

    async def join(self, *, call: Call, keypad: Keypad, conference: Verb, url: str) -> None:
        """Stays in the conference until the call leaves, is hung up (this is cancelled) or the conference ends."""
        live = self._live.get(conference.text) or self._begin(call, conference, url=url)
        leaving = live.enter(call, label=conference.attributes.get("participantLabel", ""))
        self._ears.listen(call, lambda: [sid for sid in live.record.participants if sid != call.sid])
        try:
            await keypad.stay(leaving)
        finally:
            self._ears.stop(call)
            live.leave(call)
            if live.over.is_set() and self._live.get(conference.text) is live:
                del self._live[conference.text]

    def _begin(self, call: Call, conference: Verb, *, url: str) -> LiveConference:
        record = Conference(
            sid=new_sid("CF"),
            account_sid=call.account_sid,
            to=conference.text,
            state="init",
            received_at=self._network.clock.now(),
        )
        self._network.conferences.put(record)
        address = conference.attributes.get("statusCallback", "")
        line = CallbackLine(
            webhooks=self._network.webhooks,
            behaviour=self._behaviour_of(call),
            url=urljoin(url, address) if address else "",
            method=conference.attributes.get("statusCallbackMethod", "POST"),
            log=record.callbacks,
            on_sent=lambda: self._network.conferences.changed(record),
            start=self._network.start,
        )
        wanted = frozenset(conference.attributes.get("statusCallbackEvent", "start end").split())
        live = LiveConference(network=self._network, record=record, line=line, wanted=wanted)
        self._live[conference.text] = live
        return live
