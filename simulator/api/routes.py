"""Reading and clearing what arrived, the script, the contacts, the webhook sink and the page's live changes."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypeVar

from aiohttp import web

from simulator.api.body import WrongBody, json_object
from simulator.api.listing import listing
from simulator.arrival import arrived_at
from simulator.network import Network
from simulator.phone.calls import Calls
from simulator.records import Hook, Record, new_sid
from simulator.shelf import Shelf, page_of

R = TypeVar("R", bound=Record)

ON_THE_PAGE = 300
BETWEEN_CHANGES_S = 0.1
SILENCE_S = 15.0
# A mail's own markup may show and link, not run: it is served apart, in a sandbox without scripts or origin.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
HOOK_BODY_KEPT = 256 * 1024


class Own:
    """Handlers over one network."""

    def __init__(self, *, network: Network, calls: Calls) -> None:
        self._network = network
        self._calls = calls
        self._shelves: Mapping[str, Shelf[Any]] = {
            "calls": network.calls,
            "messages": network.messages,
            "mail": network.mail,
            "hooks": network.hooks,
            "requests": network.requests,
            "conferences": network.conferences,
            "recordings": network.recordings,
        }

    def table(self) -> list[web.RouteDef]:
        kinds = "|".join(self._shelves)
        return [
            web.get("/api/script", self.show_script),
            web.put("/api/script", self.put_script),
            web.delete("/api/script", self.clear_script),
            web.get("/api/contacts", self.show_contacts),
            web.put("/api/contacts", self.put_contacts),
            web.get("/api/changes", self.changes),
            web.get("/api/working", self.working),
            web.get("/api/mail/{sid}/html", self.mail_html),
            web.get("/api/mail/{sid}/raw", self.mail_raw),
            web.get(f"/api/{{kind:{kinds}}}", self.list_items),
            web.delete(f"/api/{{kind:{kinds}}}", self.clear),
            web.get(f"/api/{{kind:{kinds}}}/{{sid}}", self.show_item),
            web.delete("/api", self.clear_all),
            web.route("*", "/hook/{name}", self.take_hook),
        ]

    async def working(self, _request: web.Request) -> web.StreamResponse:
        """Tells whether anything still goes on: a test that ends meanwhile would be called back after its end."""
        return web.json_response({"under_way": self._network.under_way})

    async def list_items(self, request: web.Request) -> web.StreamResponse:
        kind = request.match_info["kind"]
        query = dict(request.query)
        if kind == "hooks" and "name" in query:
            query["to"] = query.pop("name")
        also = ("direction",) if kind in {"calls", "messages"} else ("kind",) if kind == "requests" else ()
        return web.json_response(
            await listing(network=self._network, shelf=self._shelves[kind], query=query, also=also)
        )

    async def show_item(self, request: web.Request) -> web.StreamResponse:
        shelf = self._shelves[request.match_info["kind"]]
        return web.json_response(_found(shelf.get(request.match_info["sid"])).public())

    async def clear(self, request: web.Request) -> web.StreamResponse:
        kind = request.match_info["kind"]
        if kind == "calls":
            self._calls.clear()
        else:
            self._shelves[kind].clear()
        return web.Response(status=204)

    async def clear_all(self, _request: web.Request) -> web.StreamResponse:
        """As if nothing had ever been received, scripted or opted out of. The contacts stay."""
        self._calls.clear()
        for kind, shelf in self._shelves.items():
            if kind != "calls":
                shelf.clear()
        self._network.script.clear()
        self._network.forget_opt_outs()
        return web.Response(status=204)

    async def show_script(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response(self._network.script.public())

    async def put_script(self, request: web.Request) -> web.StreamResponse:
        self._network.script.put(await json_object(request))
        self._network.bell.ring()
        return web.json_response(self._network.script.public())

    async def clear_script(self, _request: web.Request) -> web.StreamResponse:
        self._network.script.clear()
        self._network.bell.ring()
        return web.Response(status=204)

    async def show_contacts(self, _request: web.Request) -> web.StreamResponse:
        self._network.look_up_names()
        return web.json_response(self._network.contacts)

    async def put_contacts(self, request: web.Request) -> web.StreamResponse:
        """`{"+4670…": {"name": "Ada", "title": "CEO"}}`; numbers and mail addresses not named keep their names."""
        contacts: dict[str, dict[str, str]] = {}
        for key, told in (await json_object(request)).items():
            if not isinstance(told, dict) or not isinstance(told.get("name"), str):
                raise WrongBody(f'{key}: a contact is an object such as {{"name": "Ada", "title": "CEO"}}.')
            contacts[key.lower()] = {"name": told["name"], "title": str(told.get("title", ""))}
        self._network.name_contacts(contacts)
        return web.json_response(self._network.contacts)

    async def mail_html(self, request: web.Request) -> web.StreamResponse:
        """A mail's HTML for a sandboxed frame; its links open beside it."""
        mail = _found(self._network.mail.get(request.match_info["sid"]))
        return web.Response(
            text=f'<!doctype html><base target="_blank">{mail.html}',
            content_type="text/html",
            charset="utf-8",
            headers={"Content-Security-Policy": MAIL_POLICY},
        )

    async def mail_raw(self, request: web.Request) -> web.StreamResponse:
        mail = _found(self._network.mail.get(request.match_info["sid"]))
        return web.Response(text=mail.raw, content_type="text/plain", charset="utf-8")

    async def take_hook(self, request: web.Request) -> web.StreamResponse:
        """Keeps any request to /hook/NAME and answers as `hook:NAME` is scripted, else 200."""
        raw = await request.read()
        name = request.match_info["name"]
        behaviour = self._network.script.take(f"hook:{name}")
        hook = Hook(
            sid=new_sid("HK"),
            to=name,
            state="received",
            received_at=arrived_at(request),
            method=request.method,
            query=request.query_string,
            headers=[[header, value] for header, value in request.headers.items()],
            text=raw[:HOOK_BODY_KEPT].decode("utf-8", errors="replace"),
            answered=next(iter(behaviour.http), 200),
        )
        if behaviour.disconnect != "before":
            self._network.hooks.put(hook)
        await self._network.pause(behaviour.hang_s + (behaviour.delay_s or 0.0))
        if behaviour.disconnect and request.transport is not None:
            request.transport.abort()
        headers = {"Retry-After": str(behaviour.retry_after_s)} if behaviour.retry_after_s is not None else {}
        return web.json_response({"ok": hook.answered < 300}, status=hook.answered, headers=headers)

    async def changes(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events for the page: everything at first, then what changed, at most ten times a second."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )
        await response.prepare(request)
        self._network.look_up_names()
        with suppress(ConnectionResetError):  # the page was closed
            await self._write_changes(response)
        return response

    async def _write_changes(self, response: web.StreamResponse) -> None:
        sent: dict[str, int] = {}
        seq = -1
        while not self._network.bell.is_closed:
            if self._network.bell.seq == seq:
                if not await self._network.bell.wait(seconds=SILENCE_S) and not self._network.bell.is_closed:
                    await response.write(b": still here\n\n")
                continue
            state = {
                "contacts": self._network.contacts,
                "lines": self._network.lines,
                "script": self._network.script.public(),
                "number": self._network.settings.own_number,
                "app": self._network.settings.app_url,
            }
            state |= self._unsent(after=seq, sent=sent)
            seq = self._network.bell.seq
            await response.write(f"data: {json.dumps(state)}\n\n".encode())
            await asyncio.sleep(BETWEEN_CHANGES_S)

    def _unsent(self, *, after: int, sent: dict[str, int]) -> dict[str, Any]:
        """Items changed since; a kind that shrank (it was cleared) comes whole, under `whole`."""
        changed: dict[str, Any] = {"whole": []}
        for kind in ("calls", "messages", "mail", "requests"):
            shelf = self._shelves[kind]
            if after < 0 or len(shelf) < sent.get(kind, 0):
                changed["whole"].append(kind)
                changed[kind] = page_of(shelf, newest=ON_THE_PAGE)
            else:
                changed[kind] = [record.public() for record in shelf.since(after=after)[-ON_THE_PAGE:]]
            sent[kind] = len(shelf)
        return changed


def _found(record: R | None) -> R:
    if record is None:
        raise web.HTTPNotFound(text="There is no such item.")
    return record
