"""Walking a call through its TwiML: speaking, gathering keys, following actions and redirects."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin

from simulator.clock import Clock, iso
from simulator.phone.keypad import Keypad
from simulator.phone.switchboard import Switchboard
from simulator.phone.twiml import Document, NotTwiML, Verb, read
from simulator.provider.webhook import Answer, Unreachable, Webhooks
from simulator.records import Call, Spoken

SORRY = "We are sorry, an application error has occurred. Goodbye."
# A document that redirects to itself would otherwise go on for ever where nobody is there to hang up.
MOST_DOCUMENTS = 20
SECONDS_PER_WORD = 0.35
LONGEST_SPEECH_S = 20.0


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the next document comes from. Without an address `twiml` is the document itself."""

    url: str = ""
    method: str = "POST"
    extra: Mapping[str, str] | None = None
    twiml: str = ""


class Rejected(Exception):
    """An inbound call was turned away; the argument is its final state."""


class Walk:
    """One answered call on its way through documents. Whoever cancels `run` hangs up."""

    def __init__(
        self,
        *,
        call: Call,
        keypad: Keypad,
        webhooks: Webhooks,
        clock: Clock,
        switchboard: Switchboard,
        params: Callable[[], dict[str, str]],
        begun: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        self._call = call
        self._keypad = keypad
        self._webhooks = webhooks
        self._clock = clock
        self._switchboard = switchboard
        self._params = params
        self._begun = begun
        self._changed = changed
        self.documents = 0
        self.has_hung_up = False

    async def run(self, place: Place) -> None:
        """Until the last verb, a Hangup, or an error, which is spoken. Raises Rejected for an inbound Reject."""
        following: Place | None = place
        while following is not None:
            self.documents += 1
            if self.documents > MOST_DOCUMENTS:
                self._warn(f"hung up after {MOST_DOCUMENTS} documents")
                return
            text = await self._fetch(following)
            if text is None:
                return
            try:
                document = read(text)
            except NotTwiML as error:
                self._fail(str(error))
                return
            self._call.warnings.extend(document.warnings)
            if self.documents == 1:
                self._take_up(document)
            following = await self._follow(document, following)

    def _take_up(self, document: Document) -> None:
        """An inbound call is taken by the first document, unless that begins with Reject."""
        if self._call.is_inbound and document.verbs and document.verbs[0].name == "Reject":
            reason = document.verbs[0].attributes.get("reason")
            raise Rejected("busy" if reason == "busy" else "no-answer")
        self._begun()

    async def _fetch(self, place: Place) -> str | None:
        if not place.url:
            return place.twiml
        answer = await self._answer(place)
        fallback = self._call.param("FallbackUrl")
        if answer is None and fallback and fallback != place.url:
            method = self._call.param("FallbackMethod", "POST")
            answer = await self._answer(Place(url=fallback, method=method, extra={"ErrorUrl": place.url}))
        if answer is None:
            self._say("error", SORRY)
            return None
        if answer.status == 204 or not answer.text.strip():
            return "<Response/>"
        if answer.content_type == "text/plain":
            self._say("say", answer.text.strip())
            return None
        return answer.text

    async def _answer(self, place: Place) -> Answer | None:
        try:
            answer = await self._webhooks.ask(
                url=place.url,
                method=place.method,
                params={**self._params(), **(place.extra or {})},
                event="document",
                log=self._call.callbacks,
            )
        except Unreachable:
            self._warn(f"11200 HTTP retrieval failure: {place.url} did not answer")
            return None
        if not answer.is_good:
            self._warn(f"11200 HTTP retrieval failure: {place.url} answered {answer.status}")
            return None
        return answer

    async def _follow(self, document: Document, place: Place) -> Place | None:
        for verb in document.verbs:
            if verb.name in {"Hangup", "Reject"}:
                self.has_hung_up = True
                return None
            following = await self._perform(verb, place)
            if following is not None:
                return following
        return None

    async def _perform(self, verb: Verb, place: Place) -> Place | None:
        """Does one verb; returns where to go on if it leaves the document."""
        match verb.name:
            case "Say" | "Play" | "Pause":
                await self._speak(verb)
            case "Gather":
                return await self._gather(verb, place)
            case "Redirect":
                return self._next(verb.text, verb, place, extra={})
            case "Dial":
                return await self._dial(verb, place)
            case "Record":
                return await self._record(verb, place)
            case _:
                self._warn(f"{verb.name} is not done on a simulated call")
        return None

    async def _speak(self, verb: Verb) -> None:
        if verb.name == "Say":
            if verb.text:
                self._say("say", verb.text, verb.attributes.get("language", ""))
            await self._pass(min(LONGEST_SPEECH_S, len(verb.text.split()) * SECONDS_PER_WORD))
        elif verb.name == "Play":
            self._say("play", f"[plays {verb.text or 'tones ' + verb.attributes.get('digits', '')}]")
            await self._pass(1.0)
        else:
            await self._pass(verb.seconds("length", 1.0))

    async def _pass(self, seconds: float) -> None:
        """Speech and pauses take time only where a person listens."""
        if self._keypad.live:
            await asyncio.sleep(seconds)

    async def _gather(self, verb: Verb, place: Place) -> Place | None:
        self._call.waits_for_digits = True
        for inner in verb.inside:
            await self._prompt(inner)
        self._changed()
        most = int(verb.seconds("numDigits", 0)) or None
        try:
            digits, finished_by = await self._keypad.collect(
                most=most, finish=verb.attributes.get("finishOnKey", "#"), timeout_s=verb.seconds("timeout", 5.0)
            )
        finally:
            self._call.waits_for_digits = False
        if digits:
            self._call.pressed.append(digits)
            self._say("digits", digits)
        elif verb.attributes.get("actionOnEmptyResult", "false").lower() != "true":
            self._changed()
            return None
        extra = {"Digits": digits, "FinishedOnKey": finished_by, "msg": "Gather End"}
        return self._next(verb.attributes.get("action", ""), verb, place, extra=extra)

    async def _prompt(self, inner: Verb) -> None:
        """Speaks inside a Gather; a key pressed meanwhile cuts the speech short."""
        if inner.name == "Say" and inner.text:
            self._say("say", inner.text, inner.attributes.get("language", ""))
            await self._keypad.barge_in(within_s=min(LONGEST_SPEECH_S, len(inner.text.split()) * SECONDS_PER_WORD))
        elif inner.name == "Play":
            self._say("play", f"[plays {inner.text}]")
        elif inner.name == "Pause":
            await self._keypad.barge_in(within_s=inner.seconds("length", 1.0))

    async def _dial(self, verb: Verb, place: Place) -> Place | None:
        targets = [f"{inner.name.lower()} {inner.text}" for inner in verb.inside] or [verb.text]
        joins = any(inner.name == "Conference" for inner in verb.inside)
        self._say("dial", f"[{'joins' if joins else 'dials'} {', '.join(targets)}]")
        told = await self._switchboard.dial(call=self._call, keypad=self._keypad, dial=verb, url=place.url)
        if "action" not in verb.attributes:
            return None
        return self._next(verb.attributes["action"], verb, place, extra=told)

    async def _record(self, verb: Verb, place: Place) -> Place | None:
        self._say("play", "[beeps and records]")
        told = await self._switchboard.record(
            call=self._call, keypad=self._keypad, verb=verb, url=place.url, params=self._params()
        )
        return self._next(verb.attributes.get("action", ""), verb, place, extra=told) if told else None

    def _next(self, address: str, verb: Verb, place: Place, *, extra: Mapping[str, str]) -> Place | None:
        if not address and not place.url:
            self._warn(f"{verb.name} without an address in a document that has none itself")
            return None
        url = urljoin(place.url, address) if address else place.url
        if not urldefrag(url).url.startswith(("http://", "https://")):
            self._fail(f"11100 Invalid URL format: {url}")
            return None
        return Place(url=url, method=verb.attributes.get("method", "POST"), extra=extra)

    def _say(self, kind: str, text: str, language: str = "") -> None:
        self._call.heard.append(Spoken(at=iso(self._clock.now()) or "", kind=kind, text=text, language=language))
        self._changed()

    def _warn(self, text: str) -> None:
        self._call.warnings.append(text)

    def _fail(self, text: str) -> None:
        self._warn(text)
        self._say("error", SORRY)
