"""Record: what somebody says after the beep is kept, and told to where the document wants it."""

import asyncio
from collections.abc import Mapping
from urllib.parse import urljoin

from simulator.network import Network
from simulator.phone.ears import Ears
from simulator.phone.keypad import Keypad
from simulator.phone.records import Recording
from simulator.phone.twiml import Verb
from simulator.provider.representation import API_VERSION
from simulator.records import Call, new_sid

LONGEST_S = 3600.0
SECONDS_PER_WORD = 0.35
EVERY_KEY = "1234567890*#"


class Recorder:
    """The recordings of one network."""

    def __init__(self, *, network: Network, ears: Ears) -> None:
        self._network = network
        self._ears = ears

    async def record(
        self, *, call: Call, keypad: Keypad, verb: Verb, url: str, params: Mapping[str, str]
    ) -> dict[str, str]:
        """Listens until a key is pressed or the time is over; what the action is told, nothing after silence: the
        document then goes on below, as Twilio's does.

        Somebody who hangs up instead (this is cancelled) has left their message all the same: the action and the
        recording's own address are told then as well.
        """
        heard = len(call.heard)
        self._ears.listen(call, list)
        try:
            if keypad.says:
                self._ears.say(call, keypad.says)
            within_s = min(LONGEST_S, verb.seconds("maxLength", LONGEST_S))
            pressed = await keypad.finish(keys=verb.attributes.get("finishOnKey", EVERY_KEY), within_s=within_s)
        except asyncio.CancelledError:
            told = self._keep(call, heard=heard, finished_by="hangup")
            if told and verb.attributes.get("action"):
                gone = {**params, **told, "CallStatus": "completed"}
                self._tell(call, address=urljoin(url, verb.attributes["action"]), params=gone, event="document")
            self._tell_recording(call, verb=verb, url=url, told=told, params=params)
            raise
        finally:
            self._ears.stop(call)
        told = self._keep(call, heard=heard, finished_by=pressed)
        self._tell_recording(call, verb=verb, url=url, told=told, params=params)
        return told

    def _keep(self, call: Call, *, heard: int, finished_by: str) -> dict[str, str]:
        said = " ".join(spoken["text"] for spoken in call.heard[heard:] if spoken["kind"] == "own")
        if not said:
            return {}
        recording = Recording(
            sid=new_sid("RE"),
            to=call.to,
            state="completed",
            received_at=self._network.clock.now(),
            account_sid=call.account_sid,
            call_sid=call.sid,
            text=said,
            duration_s=max(2, round(len(said.split()) * SECONDS_PER_WORD)),
        )
        self._network.recordings.put(recording)
        address = f"{self._network.url}/{API_VERSION}/Accounts/{call.account_sid}/Recordings/{recording.sid}"
        return {
            "RecordingUrl": address,
            "RecordingSid": recording.sid,
            "RecordingDuration": str(recording.duration_s),
            "Digits": finished_by,
        }

    def _tell_recording(
        self, call: Call, *, verb: Verb, url: str, told: Mapping[str, str], params: Mapping[str, str]
    ) -> None:
        address = verb.attributes.get("recordingStatusCallback")
        if told and address:
            news = {
                "AccountSid": params["AccountSid"],
                "CallSid": call.sid,
                "RecordingSid": told["RecordingSid"],
                "RecordingUrl": told["RecordingUrl"],
                "RecordingStatus": "completed",
                "RecordingDuration": told["RecordingDuration"],
                "RecordingChannels": "1",
                "RecordingSource": "RecordVerb",
            }
            self._tell(call, address=urljoin(url, address), params=news, event="recording")

    def _tell(self, call: Call, *, address: str, params: Mapping[str, str], event: str) -> None:
        self._network.start(
            self._network.webhooks.tell(url=address, method="POST", params=params, event=event, log=call.callbacks)
        )
