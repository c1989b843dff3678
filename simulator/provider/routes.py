"""The REST dialect's addresses: `/2010-04-01/Accounts/{sid}/Calls.json`, `/Messages.json` and what lies below."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from aiohttp import web

from simulator.arrival import arrived_at
from simulator.network import Network
from simulator.phone.calls import Calls
from simulator.phone.live_call import CallIsOver
from simulator.phone.messages import Messages
from simulator.provider import authentication, fields
from simulator.provider.errors import ProviderError, answer, bad_request, not_found, scripted
from simulator.provider.paging import page, within
from simulator.provider.representation import API_VERSION, call_json, message_json
from simulator.records import Call, Message, Request, new_sid
from simulator.script import Behaviour

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Form = dict[str, list[str]]


class Routes:
    """Handlers over one network. Every one is reached by the account alone."""

    def __init__(self, *, network: Network, calls: Calls, messages: Messages) -> None:
        self._network = network
        self._calls = calls
        self._messages = messages

    def table(self) -> list[web.RouteDef]:
        base = f"/{API_VERSION}/Accounts/{{account}}"
        return [
            web.post(f"{base}/Calls.json", self.guarded(self.create_call)),
            web.get(f"{base}/Calls.json", self.guarded(self.list_calls)),
            web.get(f"{base}/Calls/{{sid}}.json", self.guarded(self.fetch_call)),
            web.post(f"{base}/Calls/{{sid}}.json", self.guarded(self.update_call)),
            web.delete(f"{base}/Calls/{{sid}}.json", self.guarded(self.delete_call)),
            web.post(f"{base}/Messages.json", self.guarded(self.create_message)),
            web.get(f"{base}/Messages.json", self.guarded(self.list_messages)),
            web.get(f"{base}/Messages/{{sid}}.json", self.guarded(self.fetch_message)),
            web.post(f"{base}/Messages/{{sid}}.json", self.guarded(self.update_message)),
            web.delete(f"{base}/Messages/{{sid}}.json", self.guarded(self.delete_message)),
            web.route("*", f"/{API_VERSION}/{{rest:.*}}", self.guarded(self.unknown)),
        ]

    def guarded(self, handler: Handler) -> Handler:
        """The handler behind the account's own credentials; refusals take Twilio's form."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                authentication.check(
                    header=request.headers.get("Authorization", ""),
                    account_in_path=request.match_info.get("account", self._network.settings.account_sid),
                    account_sid=self._network.settings.account_sid,
                    auth_token=self._network.settings.auth_token,
                )
                return await handler(request)
            except ProviderError as error:
                return answer(error)

        return guarded

    async def unknown(self, request: web.Request) -> web.StreamResponse:
        raise not_found(request.path)

    async def create_call(self, request: web.Request) -> web.StreamResponse:
        def create(form: Form, received_at: datetime, behaviour: Behaviour) -> tuple[str, dict[str, Any]]:
            fields.check_call(form)
            call = self._calls.place(form=form, received_at=received_at, behaviour=behaviour)
            return call.sid, call_json(call)

        return await self._create(request, kind="call", create=create)

    async def create_message(self, request: web.Request) -> web.StreamResponse:
        def create(form: Form, received_at: datetime, behaviour: Behaviour) -> tuple[str, dict[str, Any]]:
            fields.check_message(form)
            to, sender = fields.first(form, "To"), fields.first(form, "From") or self._network.settings.own_number
            if (to, sender) in self._network.opted_out:
                raise bad_request(21610, f"Attempt to send to unsubscribed recipient {to}")
            message = self._messages.send(form=form, received_at=received_at, behaviour=behaviour)
            return message.sid, message_json(message)

        return await self._create(request, kind="message", create=create)

    async def _create(
        self,
        request: web.Request,
        *,
        kind: str,
        create: Callable[[Form, datetime, Behaviour], tuple[str, dict[str, Any]]],
    ) -> web.StreamResponse:
        """Makes the item unless the number's behaviour says otherwise, and keeps how the attempt ended."""
        form = await form_of(request)
        received_at = arrived_at(request)
        attempt = Request(
            sid=new_sid("RQ"),
            to=fields.first(form, "To"),
            state="answering",
            received_at=received_at,
            kind=kind,
            status=0,
        )
        behaviour = self._network.script.take(attempt.to)
        try:
            refused = next((status for status in behaviour.http[:1] if status >= 300), None)
            if behaviour.disconnect == "before":
                return self._cut(request, attempt)
            body: dict[str, Any] = {}
            if refused is None:
                attempt.item, body = create(form, received_at, behaviour)
            self._network.requests.put(attempt)
            await self._network.pause(behaviour.hang_s)
            if behaviour.disconnect == "after":
                return self._cut(request, attempt)
            if refused is not None:
                raise scripted(status=refused, code=behaviour.code, retry_after_s=behaviour.retry_after_s)
            attempt.state, attempt.status = "accepted", 201
            return web.json_response(body, status=201)
        except ProviderError as error:
            attempt.state, attempt.status, attempt.code = "refused", error.status, error.code
            raise
        finally:
            self._network.requests.put(attempt)

    def _cut(self, request: web.Request, attempt: Request) -> web.StreamResponse:
        """The connection ends without an answer, as if a cable was pulled."""
        attempt.state = "disconnected"
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def list_calls(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        records = [
            call
            for call in self._network.calls.newest_first()
            if _same(call.to, query.get("To"))
            and _same(call.from_number, query.get("From"))
            and _same(call.state, query.get("Status"))
            # A call that was just placed has no start yet; the moment it was asked for stands in, so that a
            # customer who looks for a call it is not sure of finds it.
            and within(call.started_at or call.received_at, query=query, name="StartTime")
            and within(call.ended_at, query=query, name="EndTime")
        ]
        return web.json_response(page(records=records, query=query, path=request.path, name="calls", show=call_json))

    async def list_messages(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        records = [
            message
            for message in self._network.messages.newest_first()
            if _same(message.to, query.get("To"))
            and _same(message.from_number, query.get("From"))
            and within(message.sent_at or message.received_at, query=query, name="DateSent")
        ]
        return web.json_response(
            page(records=records, query=query, path=request.path, name="messages", show=message_json)
        )

    async def fetch_call(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(call_json(self._call(request)))

    async def fetch_message(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(message_json(self._message(request)))

    async def update_call(self, request: web.Request) -> web.StreamResponse:
        call, form = self._call(request), await form_of(request)
        status = fields.first(form, "Status")
        if status not in {"", "canceled", "completed"}:
            raise bad_request(21218, f"Invalid Status: {status}")
        fields.check_url(form, "Url", code=21205)
        try:
            await self._calls.change(call=call, form=form)
        except CallIsOver as error:
            raise bad_request(21220, f"Unable to update record. {error}") from error
        return web.json_response(call_json(call))

    async def update_message(self, request: web.Request) -> web.StreamResponse:
        message, form = self._message(request), await form_of(request)
        if fields.first(form, "Status") == "canceled":
            if message.state not in {"accepted", "queued", "scheduled"}:
                raise bad_request(30409, "The message can't be canceled any more.")
            self._messages.cancel(message)
        if "Body" in form:
            if fields.first(form, "Body"):
                raise bad_request(20001, "A message's body can be emptied, not changed.")
            message.body = ""
            self._network.messages.changed(message)
        return web.json_response(message_json(message))

    async def delete_call(self, request: web.Request) -> web.StreamResponse:
        call = self._call(request)
        if not call.is_final:
            raise ProviderError(status=409, code=20009, message="A call in progress can't be deleted.")
        self._network.calls.remove(call.sid)
        return web.Response(status=204)

    async def delete_message(self, request: web.Request) -> web.StreamResponse:
        message = self._message(request)
        if not message.is_final:
            raise ProviderError(status=409, code=20009, message="A message on its way can't be deleted.")
        self._network.messages.remove(message.sid)
        return web.Response(status=204)

    def _call(self, request: web.Request) -> Call:
        call = self._network.calls.get(request.match_info["sid"])
        if call is None:
            raise not_found(request.path)
        return call

    def _message(self, request: web.Request) -> Message:
        message = self._network.messages.get(request.match_info["sid"])
        if message is None:
            raise not_found(request.path)
        return message


def _same(value: str, wanted: str | None) -> bool:
    return wanted is None or value == wanted


async def form_of(request: web.Request) -> Form:
    """The form's fields; repeated ones keep all their values."""
    posted = await request.post()
    form: Form = {}
    for name, value in posted.items():
        with suppress(AttributeError):
            form.setdefault(name, []).append(str(value))
    return form
