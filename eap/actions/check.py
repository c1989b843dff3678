"""Look whether something is as it should be: an address, a port, an alert. Changes nothing."""

from __future__ import annotations

import socket
import time
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints, model_validator

from eap.actions.base import Action, Effects, Inputs, Preview, Result, Surroundings, Trouble
from eap.actions.http import Http, HttpInputs
from intake.models import Alert
from notifications.channels.base import PermanentFailure, TemporaryFailure
from notifications.outbound import addresses_of

CONNECT_S = 5.0


class CheckInputs(Inputs):
    """One of the three: `url` answers with `status` (and holds `text`), `host` listens on `port` (or does not, with
    `open: false`), or the alert of this `alert` key is (`resolved`: or is not) open. `{target.address}` names the host
    of a fan-out. `seconds`: look again until then before it counts as failed.

    Addresses and hosts in private networks are looked at where OUTBOUND_ALLOW names them, as with `http`."""

    url: str = ""
    status: Annotated[int, Field(ge=100, le=599)] = 200
    text: Annotated[str, StringConstraints(max_length=500)] = ""
    host: Annotated[str, StringConstraints(max_length=253)] = ""
    port: Annotated[int, Field(ge=1, le=65_535)] | None = None
    open: bool = True
    alert: Annotated[str, StringConstraints(max_length=255)] = ""
    state: Literal["open", "resolved"] = "resolved"
    seconds: Annotated[int, Field(ge=0, le=3_600)] = 0
    every: Annotated[int, Field(ge=1, le=600)] = 5

    @model_validator(mode="after")
    def _one_of_three(self) -> CheckInputs:
        if [bool(self.url), bool(self.host), bool(self.alert)].count(True) != 1:
            raise ValueError("Name one thing to look at: `url`, `host` with `port`, or `alert`.")
        if self.host and self.port is None:
            raise ValueError("Say the `port` of the host.")
        return self


class Check(Action[CheckInputs]):
    """Holds or fails; looks again every `every` seconds while there is time."""

    name: ClassVar[str] = "check"
    title: ClassVar[str] = "Look whether it is as it should be"
    inputs: ClassVar[type[CheckInputs]] = CheckInputs
    effects: ClassVar[Effects] = "pure"

    def plan(self, inputs: CheckInputs, around: Surroundings) -> Preview:  # noqa: ARG002 - it only looks
        """Say what would be looked at."""
        return Preview(sentence=f"Would look whether {_what(inputs)}.")

    def apply(self, inputs: CheckInputs, around: Surroundings) -> Result:
        """Look, again and again while there is time."""
        ends_at = time.monotonic() + min(float(inputs.seconds), max(0.0, around.timeout_s - 1))
        while True:
            trouble = _wrong(inputs, around)
            if not trouble:
                return Result(sentence=f"It holds: {_what(inputs)}.", facts={"holds": True})
            if time.monotonic() + inputs.every > ends_at or around.stopped():
                raise Trouble(trouble)
            around.say(f"{trouble} Looking again in {inputs.every} s.")
            time.sleep(inputs.every)

    def verify(self, inputs: CheckInputs, around: Surroundings) -> Result:
        """Look."""
        return self.apply(inputs, around)


def _what(inputs: CheckInputs) -> str:
    if inputs.url:
        return f"{inputs.url} answers {inputs.status}" + (f" with “{inputs.text}”" if inputs.text else "")
    if inputs.host:
        return f"{inputs.host} port {inputs.port} is {'open' if inputs.open else 'closed'}"
    return f"alert {inputs.alert} is {inputs.state}"


def _wrong(inputs: CheckInputs, around: Surroundings) -> str:
    """Return what is not as it should be, "" when all is."""
    if inputs.url:
        return _url_wrong(inputs, around)
    if inputs.host:
        return _port_wrong(inputs)
    is_open = Alert.objects.filter(dedup_key=inputs.alert, state__in=["open", "acknowledged"]).exists()
    return (
        "" if is_open == (inputs.state == "open") else f"Alert {inputs.alert} is {'still ' if is_open else 'not '}open."
    )


def _url_wrong(inputs: CheckInputs, around: Surroundings) -> str:
    lines: list[str] = []
    listening = Surroundings(
        run_id=around.run_id, step_id=around.step_id, key=around.key, timeout_s=min(around.timeout_s, 15.0),
        say=lines.append, stopped=around.stopped, secret=around.secret, target=around.target, drill=around.drill,
    )  # fmt: skip
    request = HttpInputs(method="GET", url=inputs.url, expect=(inputs.status,) if inputs.status >= 200 else (200,))
    try:
        Http().apply(request, listening)
    except Trouble as trouble:
        return trouble.sentence
    if inputs.text and not any(inputs.text in line for line in lines):
        return f"{inputs.url} answers {inputs.status}, but not with “{inputs.text}”."
    return ""


def _port_wrong(inputs: CheckInputs) -> str:
    try:
        addresses = addresses_of(inputs.host, inputs.port or 0)
    except PermanentFailure as error:
        raise Trouble(error.detail) from error
    except TemporaryFailure as error:
        return error.detail  # neither open nor closed: nobody knows where it is
    closed = ""
    for address in addresses:
        try:
            socket.create_connection((str(address), inputs.port or 0), timeout=CONNECT_S).close()
        except OSError as error:
            closed = type(error).__name__
        else:
            return "" if inputs.open else f"{inputs.host} port {inputs.port} is still open."
    return f"{inputs.host} port {inputs.port} is closed ({closed})." if inputs.open else ""
