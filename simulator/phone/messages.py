"""Text messages: from queued to their last state, replies, and the words that opt a person out."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from simulator.network import Network
from simulator.phone.twiml import NotTwiML, read
from simulator.provider.callbacks import CallbackLine
from simulator.provider.errors import WORDS
from simulator.provider.representation import API_VERSION, segments
from simulator.provider.webhook import Answer, Unreachable
from simulator.records import Message, new_sid
from simulator.script import UNSCRIPTED, Behaviour

SENT_AFTER_S = 0.05
DELIVERED_AFTER_S = 0.25
# Twilio's default keywords; a body that is nothing but one of them, in any case.
STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
HELP_WORDS = frozenset({"HELP", "INFO"})


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What became of a person's message: the record, the customer's HTTP status (None: no answer) and its texts."""

    message: Message
    status: int | None
    answers: tuple[str, ...]


class Messages:
    """The messages of one network, in both directions."""

    def __init__(self, *, network: Network) -> None:
        self._network = network

    def send(self, *, form: Mapping[str, Sequence[str]], received_at: datetime, behaviour: Behaviour) -> Message:
        """A message that the customer asked for, checked already. It goes out after this returns."""
        service = (form.get("MessagingServiceSid") or [""])[0].strip()
        message = Message(
            sid=new_sid("SM"),
            account_sid=self._network.settings.account_sid,
            to=form["To"][0].strip(),
            from_number=(form.get("From") or [""])[0].strip() or self._network.settings.own_number,
            direction="outbound-api",
            state="accepted" if service else "queued",
            body=(form.get("Body") or [""])[0],
            received_at=received_at,
            params={name: list(values) for name, values in form.items()},
        )
        self._network.messages.put(message)
        self._network.start(self._deliver(message, behaviour))
        return message

    def continue_interrupted(self) -> None:
        """Messages that a stop of the simulator caught on their way go on as if nothing was scripted."""
        for message in [message for message in self._network.messages if not message.is_final]:
            self._network.start(self._deliver(message, UNSCRIPTED))

    async def _deliver(self, message: Message, behaviour: Behaviour) -> None:
        callbacks = CallbackLine(
            webhooks=self._network.webhooks,
            behaviour=behaviour,
            url=message.param("StatusCallback"),
            method="POST",
            log=message.callbacks,
            on_sent=lambda: self._network.messages.changed(message),
            start=self._network.start,
        )
        self._enter(message, "queued", callbacks)
        await asyncio.sleep(SENT_AFTER_S)
        if message.is_final:
            return
        if behaviour.message_failed:
            self._enter(message, "failed", callbacks, error=behaviour.message_failed)
            return
        message.sent_at = self._network.clock.now()
        self._enter(message, "sent", callbacks)
        await asyncio.sleep(DELIVERED_AFTER_S if behaviour.delay_s is None else behaviour.delay_s)
        if behaviour.undelivered:
            self._enter(message, "undelivered", callbacks, error=behaviour.undelivered)
            return
        self._enter(message, "delivered", callbacks)
        if behaviour.reply:
            await asyncio.sleep(behaviour.reply_after_s)
            await self.receive(from_number=message.to, to=message.from_number, body=behaviour.reply)

    def _enter(self, message: Message, state: str, callbacks: CallbackLine, *, error: int | None = None) -> None:
        message.state = state
        message.updated_at = self._network.clock.now()
        message.error_code = error
        message.error_message = WORDS.get(error, f"Error {error}") if error else None
        self._network.messages.changed(message)
        params = {
            "AccountSid": message.account_sid,
            "ApiVersion": API_VERSION,
            "From": message.from_number,
            "To": message.to,
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "MessageStatus": state,
            "SmsStatus": state,
        }
        if error:
            params["ErrorCode"] = str(error)
        if state in {"delivered", "undelivered"}:
            params["RawDlrDoneDate"] = message.updated_at.strftime("%y%m%d%H%M")
        service = message.param("MessagingServiceSid")
        if service:
            params["MessagingServiceSid"] = service
        callbacks.add(event=state, params=params, last=message.is_final)

    async def receive(self, *, from_number: str, to: str, body: str) -> Reply:
        """A person's message reaches the customer's address; texts in the answer come back to the person."""
        network = self._network
        message = Message(
            sid=new_sid("SM"),
            account_sid=network.settings.account_sid,
            to=to,
            from_number=from_number,
            direction="inbound",
            state="received",
            body=body,
            received_at=network.clock.now(),
        )
        network.messages.put(message)
        params = self._inbound_params(message) | self._opt_out_params(message)
        try:
            answer = await network.webhooks.ask(
                url=network.settings.sms_url, method="POST", params=params, event="inbound", log=message.callbacks
            )
        except Unreachable:
            network.messages.changed(message)
            return Reply(message=message, status=None, answers=())
        network.messages.changed(message)
        answers = tuple(_texts(answer)) if answer.is_good else ()
        for text in answers:
            self._answer(person=from_number, service=to, text=text)
        return Reply(message=message, status=answer.status, answers=answers)

    def _inbound_params(self, message: Message) -> dict[str, str]:
        return {
            "AccountSid": message.account_sid,
            "ApiVersion": API_VERSION,
            "MessageSid": message.sid,
            "SmsMessageSid": message.sid,
            "SmsSid": message.sid,
            "SmsStatus": "received",
            "From": message.from_number,
            "To": message.to,
            "Body": message.body,
            "NumMedia": "0",
            "NumSegments": str(segments(message.body)),
        }

    def _opt_out_params(self, message: Message) -> dict[str, str]:
        word = message.body.strip().upper()
        if word in STOP_WORDS:
            self._network.opt_out(person=message.from_number, sender=message.to)
            return {"OptOutType": "STOP"}
        if word in START_WORDS and (message.from_number, message.to) in self._network.opted_out:
            self._network.opt_in(person=message.from_number, sender=message.to)
            return {"OptOutType": "START"}
        return {"OptOutType": "HELP"} if word in HELP_WORDS else {}

    def _answer(self, *, person: str, service: str, text: str) -> None:
        message = Message(
            sid=new_sid("SM"),
            account_sid=self._network.settings.account_sid,
            to=person,
            from_number=service,
            direction="outbound-reply",
            state="queued",
            body=text,
            received_at=self._network.clock.now(),
        )
        self._network.messages.put(message)
        self._network.start(self._deliver(message, UNSCRIPTED))

    def cancel(self, message: Message) -> None:
        """Stops one that is not sent yet."""
        message.state = "canceled"
        message.updated_at = self._network.clock.now()
        self._network.messages.changed(message)


def _texts(answer: Answer) -> list[str]:
    """The texts of an answer to an inbound message: Message verbs of TwiML, or the whole of a text/plain body."""
    if answer.content_type == "text/plain":
        return [answer.text.strip()] if answer.text.strip() else []
    try:
        verbs = read(answer.text).verbs
    except NotTwiML:
        return []
    bodies = (
        " ".join(inner.text for inner in verb.inside if inner.name == "Body") or verb.text
        for verb in verbs
        if verb.name == "Message"
    )
    return [body for body in bodies if body]
