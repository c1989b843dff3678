"""The REST dialect's addresses of what calls do together: Conferences, their Participants, Recordings."""

import io
import wave
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from simulator.network import Network
from simulator.phone.calls import Calls
from simulator.phone.conferences import LiveConference
from simulator.phone.records import Conference, Recording
from simulator.provider import fields
from simulator.provider.errors import bad_request, not_found
from simulator.provider.paging import page
from simulator.provider.representation import API_VERSION, rfc_2822
from simulator.provider.routes import form_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
RATE_HZ = 8000


class TalkRoutes:
    """Handlers over one network, behind the account's credentials."""

    def __init__(self, *, network: Network, calls: Calls, guarded: Callable[[Handler], Handler]) -> None:
        self._network = network
        self._conferences = calls.switchboard.conferences
        self._guarded = guarded

    def table(self) -> list[web.RouteDef]:
        base = f"/{API_VERSION}/Accounts/{{account}}"
        one = f"{base}/Conferences/{{sid:CF[0-9a-f]+}}"
        return [
            web.get(f"{base}/Conferences.json", self._guarded(self.list_conferences)),
            web.get(f"{one}.json", self._guarded(self.fetch_conference)),
            web.post(f"{one}.json", self._guarded(self.update_conference)),
            web.get(f"{one}/Participants.json", self._guarded(self.list_participants)),
            web.delete(f"{one}/Participants/{{call}}.json", self._guarded(self.remove_participant)),
            web.get(f"{base}/Recordings/{{sid:RE[0-9a-f]+}}.json", self._guarded(self.fetch_recording)),
            web.get(f"{base}/Recordings/{{sid:RE[0-9a-f]+}}", self._guarded(self.play_recording)),
        ]

    async def list_conferences(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        records = [
            each
            for each in self._network.conferences.newest_first()
            if query.get("FriendlyName") in {None, each.to} and query.get("Status") in {None, each.state}
        ]
        return web.json_response(
            page(records=records, query=query, path=request.path, name="conferences", show=_conference)
        )

    async def fetch_conference(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(_conference(self._conference(request)))

    async def update_conference(self, request: web.Request) -> web.StreamResponse:
        """Status=completed lets everybody in it go."""
        conference, form = self._conference(request), await form_of(request)
        if fields.first(form, "Status") not in {"", "completed"}:
            raise bad_request(20001, "A conference's Status can only become completed.")
        live = self._conferences.live(conference.sid)
        if fields.first(form, "Status") and live is not None:
            live.end()
        return web.json_response(_conference(conference))

    async def list_participants(self, request: web.Request) -> web.StreamResponse:
        conference = self._conference(request)
        calls = [call for sid in conference.participants if (call := self._network.calls.get(sid)) is not None]
        return web.json_response(
            page(
                records=calls,
                query=request.query,
                path=request.path,
                name="participants",
                show=lambda call: _participant(conference, call.sid),
            )
        )

    async def remove_participant(self, request: web.Request) -> web.StreamResponse:
        conference, call = self._conference(request), request.match_info["call"]
        live: LiveConference | None = self._conferences.live(conference.sid)
        if live is None or call not in conference.participants:
            raise not_found(request.path)
        live.remove(call)
        return web.Response(status=204)

    async def fetch_recording(self, request: web.Request) -> web.StreamResponse:
        recording = self._recording(request)
        return web.json_response(
            {
                "sid": recording.sid,
                "account_sid": recording.account_sid,
                "call_sid": recording.call_sid,
                "duration": str(recording.duration_s),
                "status": recording.state,
                "channels": 1,
                "source": "RecordVerb",
                "date_created": rfc_2822(recording.received_at),
                "uri": request.path,
            }
        )

    async def play_recording(self, request: web.Request) -> web.StreamResponse:
        """Silence of the recording's length: nobody speaks here with a voice."""
        recording = self._recording(request)
        sound = io.BytesIO()
        with wave.open(sound, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(1)
            file.setframerate(RATE_HZ)
            file.writeframes(b"\x80" * RATE_HZ * recording.duration_s)
        return web.Response(body=sound.getvalue(), content_type="audio/x-wav")

    def _conference(self, request: web.Request) -> Conference:
        found = self._network.conferences.get(request.match_info["sid"])
        if found is None:
            raise not_found(request.path)
        return found

    def _recording(self, request: web.Request) -> Recording:
        found = self._network.recordings.get(request.match_info["sid"])
        if found is None:
            raise not_found(request.path)
        return found


def _conference(conference: Conference) -> dict[str, Any]:
    uri = f"/{API_VERSION}/Accounts/{conference.account_sid}/Conferences/{conference.sid}"
    return {
        "sid": conference.sid,
        "account_sid": conference.account_sid,
        "friendly_name": conference.to,
        "status": conference.state,
        "region": "us1",
        "api_version": API_VERSION,
        "date_created": rfc_2822(conference.received_at),
        "date_updated": rfc_2822(conference.updated_at or conference.received_at),
        "reason_conference_ended": "last-participant-left" if conference.is_final else None,
        "call_sid_ending_conference": None,
        "uri": f"{uri}.json",
        "subresource_uris": {"participants": f"{uri}/Participants.json", "recordings": f"{uri}/Recordings.json"},
    }


def _participant(conference: Conference, call_sid: str) -> dict[str, Any]:
    uri = f"/{API_VERSION}/Accounts/{conference.account_sid}/Conferences/{conference.sid}/Participants/{call_sid}.json"
    return {
        "account_sid": conference.account_sid,
        "call_sid": call_sid,
        "conference_sid": conference.sid,
        "label": conference.labels.get(call_sid),
        "muted": False,
        "hold": False,
        "coaching": False,
        "call_sid_to_coach": None,
        "start_conference_on_enter": True,
        "end_conference_on_exit": False,
        "status": "connected",
        "queue_time": "0",
        "date_created": rfc_2822(conference.received_at),
        "date_updated": rfc_2822(conference.updated_at or conference.received_at),
        "uri": uri,
    }
