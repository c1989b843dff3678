"""What the simulator keeps: calls, messages, mail, webhooks, and the requests it refused or took."""

import re
import secrets
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, ClassVar, Self, TypedDict

from simulator.clock import iso

URL = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")


class Exchange(TypedDict):
    """One request that the simulator made to the customer. `status` is None where no answer came."""

    at: str
    event: str
    url: str
    attempt: int
    status: int | None
    error: str
    took_ms: float
    token: str


class Spoken(TypedDict):
    """One thing heard on a call. `kind`: say, play, dial, said (by somebody else on the line), digits and own (the
    person's own), error. `language` as Say gave it (empty: the provider's default)."""

    at: str
    kind: str
    text: str
    language: str


OWN = frozenset({"digits", "own"})
"""Kinds of what is heard that are the person's own."""


def new_sid(prefix: str) -> str:
    """Two letters and 32 hexadecimal digits, as Twilio's identifiers."""
    return prefix + secrets.token_hex(16)


@dataclass(kw_only=True, eq=False)
class Record:
    """`seq` rises with every change of any record; `received_at` is when the request's last byte was in."""

    sid: str
    to: str
    state: str
    received_at: datetime
    seq: int = 0

    MOMENTS: ClassVar[frozenset[str]] = frozenset({"received_at"})
    FINAL: ClassVar[frozenset[str]] = frozenset()

    @property
    def is_final(self) -> bool:
        return self.state in self.FINAL

    def row(self) -> dict[str, Any]:
        """Plain values, for the journal and for the simulator's own API. Lists in it are the record's own: write it
        out at once and change nothing. (A deep copy of ten thousand records would hold up every arrival.)"""
        return {name: iso(value) if name in self.MOMENTS else value for name, value in vars(self).items()}

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        """The record that `row()` described; names of later versions are passed over."""
        known = {item.name for item in fields(cls)}
        values: dict[str, Any] = {
            name: datetime.fromisoformat(value) if name in cls.MOMENTS and value else value
            for name, value in row.items()
            if name in known
        }
        return cls(**values)

    def public(self) -> dict[str, Any]:
        """The item as the simulator's own API shows it."""
        return self.row()


@dataclass(kw_only=True, eq=False)
class Call(Record):
    """A call in either direction. `person` is the handset's number, `service` the customer's; `parent` is the call
    whose Dial placed this one. `is_heard`: somebody or a tape hears what is said into it now."""

    account_sid: str
    from_number: str
    direction: str
    params: dict[str, list[str]] = field(default_factory=dict)
    answered_by: str | None = None
    voicemail: bool = False
    on_the_line: bool = False
    heard: list[Spoken] = field(default_factory=list)
    preview: str = ""
    pressed: list[str] = field(default_factory=list)
    callbacks: list[Exchange] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    waits_for_digits: bool = False
    rings_until: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    updated_at: datetime | None = None
    sip_code: int | None = None
    parent: str = ""
    is_heard: bool = False

    MOMENTS = frozenset({"received_at", "rings_until", "started_at", "ended_at", "updated_at"})
    FINAL = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})

    @property
    def is_inbound(self) -> bool:
        return self.direction == "inbound"

    @property
    def person(self) -> str:
        return self.from_number if self.is_inbound else self.to

    @property
    def service(self) -> str:
        return self.to if self.is_inbound else self.from_number

    @property
    def text(self) -> str:
        """What was said so far; before the answer, what an inline document is going to say."""
        said = "\n".join(spoken["text"] for spoken in self.heard if spoken["kind"] not in OWN)
        return said or self.preview

    def param(self, name: str, default: str = "") -> str:
        return self.params.get(name, [default])[0]

    def public(self) -> dict[str, Any]:
        return {
            **self.row(),
            "from": self.from_number,
            "person": self.person,
            "service": self.service,
            "text": self.text,
            "digits": "".join(self.pressed),
        }


@dataclass(kw_only=True, eq=False)
class Message(Record):
    """A text message in either direction."""

    account_sid: str
    from_number: str
    direction: str
    body: str
    params: dict[str, list[str]] = field(default_factory=dict)
    error_code: int | None = None
    error_message: str | None = None
    callbacks: list[Exchange] = field(default_factory=list)
    sent_at: datetime | None = None
    updated_at: datetime | None = None

    MOMENTS = frozenset({"received_at", "sent_at", "updated_at"})
    FINAL = frozenset({"delivered", "undelivered", "failed", "canceled", "received"})

    @property
    def is_inbound(self) -> bool:
        return self.direction == "inbound"

    @property
    def person(self) -> str:
        return self.from_number if self.is_inbound else self.to

    @property
    def service(self) -> str:
        return self.to if self.is_inbound else self.from_number

    def param(self, name: str, default: str = "") -> str:
        return self.params.get(name, [default])[0]

    def public(self) -> dict[str, Any]:
        return {
            **self.row(),
            "from": self.from_number,
            "person": self.person,
            "service": self.service,
            "text": self.body,
            "links": URL.findall(self.body),
        }


@dataclass(kw_only=True, eq=False)
class Mail(Record):
    """One mail in one recipient's mailbox; a mail to three people is three of these."""

    from_address: str
    recipients: list[str]
    subject: str
    text: str
    html: str
    headers: list[list[str]]
    raw: str

    FINAL = frozenset({"received"})

    def public(self) -> dict[str, Any]:
        row = self.row()
        del row["raw"]
        return {**row, "from": self.from_address, "links": list(dict.fromkeys(URL.findall(self.text)))}


@dataclass(kw_only=True, eq=False)
class Hook(Record):
    """A webhook as it came in; `to` is the name in its address, `answered` the status it was given."""

    method: str
    query: str
    headers: list[list[str]]
    text: str
    answered: int = 0

    FINAL = frozenset({"received"})

    def public(self) -> dict[str, Any]:
        return {**self.row(), "name": self.to, "headers": dict(self.headers)}


@dataclass(kw_only=True, eq=False)
class Request(Record):
    """One attempt to create a call or a message. `state`: accepted, refused or disconnected."""

    kind: str
    status: int
    code: int | None = None
    item: str | None = None
