"""What a channel is: it describes itself, sends one message, and says in one of three ways why it could not."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Final, Literal

from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from people.models import Person

Scope = Literal["address", "message", "configuration"]
"""What is wrong for good: this address, this message, or what the administrator set."""

CALL_S: Final = 5.0
"""The longest that one exchange with a provider may take (connecting and reading together), in seconds."""


class ChannelFailure(Exception):
    """A message did not go out, or nobody knows. `code` is the provider's, `detail` a sentence for the delivery log."""

    def __init__(self, detail: str, *, code: str = "") -> None:
        super().__init__(detail)
        # Words from outside: a NUL in them could not be stored, and the outcome would be lost with them.
        self.detail = detail.replace("\0", " ")[:300]
        self.code = code.replace("\0", " ")[:20]


class TemporaryFailure(ChannelFailure):
    """It did not go out, and trying again may help; not before `retry_after_s` where the provider said so."""

    def __init__(self, detail: str, *, code: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(detail, code=code)
        self.retry_after_s = retry_after_s


class PermanentFailure(ChannelFailure):
    """It did not go out, and trying again is of no use; `scope` says what would have to change.

    `opted_out`: the address is right, but its owner told the provider to stop.
    """

    def __init__(self, detail: str, *, scope: Scope, code: str = "", opted_out: bool = False) -> None:
        super().__init__(detail, code=code)
        self.scope: Scope = scope
        self.opted_out = opted_out


class OutcomeUnknown(ChannelFailure):
    """The request left and no answer came: the message may have gone out."""


class NotFound(OutcomeUnknown):
    """The provider was asked afterwards and knows of no such message (yet)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One message as a channel needs it, whole: a channel reads no database.

    `headline` is one short line ("SEV1 1042: Power lost"), `title` the same for mail, `spoken` for a voice. `sentence`
    is what a message without a page says. `link` opens the page without signing in; `answerable`: somebody may
    acknowledge, escalate or decline there. `fence` numbers the try, `valid_s` is how long it is of use. Times are UTC.
    `question` is what the page asks besides, "" for most; `seal` stands for exactly that, and `pin` tells whether a yes
    takes a PIN and the person has none. `discreet`: who hears it may not be its reader, so what it is about is told
    only after they asked for it. `together` are other quiet pages to the same reader that this message names too.
    """

    delivery_id: int
    fence: int
    kind: str
    to: str
    name: str
    headline: str
    sent_at: datetime
    title: str = ""
    spoken: str = ""
    severity: int = 3
    urgency: str = "high"
    language: str = "en"
    sentence: str = ""
    link: str = ""
    code: str = ""
    subject: str = ""
    page_id: str = ""
    answerable: bool = False
    repeated: bool = False
    valid_s: int | None = None
    secret: str = field(default="", repr=False)
    question: str = ""
    seal: str = ""
    pin: Literal["", "needed", "missing"] = ""
    discreet: bool = False
    together: tuple[Message, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """The provider took the message. `ref` is its id there; `delivered` where taking is delivering.

    `check_after_s`: ask the provider after so many seconds unless it calls back before. `found`: it did not say so by
    itself, but was asked afterwards.
    """

    ref: str = ""
    delivered: bool = False
    code: str = ""
    check_after_s: float | None = None
    found: bool = False


NewsKind = Literal["progress", "delivered", "over", "failed", "withdrawn"]
"""progress: on its way. delivered: it reached the phone. over: a reached phone hung up. failed, withdrawn: it ended."""


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """What a provider later says about a message that it took.

    `rank` orders the provider's words, so that a late one never takes a delivery back. `scope` of a failure is "" where
    the person was just not there; `try_again` tells that the carrier had a bad moment. `nobody`: the line was busy,
    nobody picked up, or a machine did: the person's rules may call again, and a machine takes "delivered" back.
    """

    ref: str
    word: str
    rank: int
    kind: NewsKind
    code: str = ""
    detail: str = ""
    scope: Scope | Literal[""] = ""
    opted_out: bool = False
    try_again: bool = False
    nobody: bool = False
    check_after_s: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """`tries` before a page gives a method up. `late_s`: a message still waiting at the provider for so long counts as
    held up, and another way is taken beside it. `passed_on`: from this rank of its news on it is out of the provider's
    hands (a network has the text, the phone rings); None: not before it is delivered. `per_s`: messages that the
    provider takes a second and account; the rest waits its turn here, where the most urgent goes first.
    `CHANNEL_RATES` overrides it."""

    tries: int = 7
    late_s: float | None = None
    passed_on: int | None = None
    per_s: float | None = None


class Channel(ABC):
    """One kind of message by one provider. Its class attributes are all that the rest of Muster asks about it.

    A kind may have several providers: the pair of `kind` and `provider` names a channel, and the first provider in
    order describes the kind (label, icon, address) to people.
    """

    kind: ClassVar[str]
    provider: ClassVar[str]
    label: ClassVar[str | Promise]
    icon: ClassVar[str]
    address_label: ClassVar[str | Promise]
    address_help: ClassVar[str | Promise]
    address_type: ClassVar[Literal["tel", "email", "url"]]
    needs_verification: ClassVar[bool] = True
    can_acknowledge: ClassVar[bool] = False
    has_receipts: ClassVar[bool] = False
    can_look_up: ClassVar[bool] = False
    can_withdraw: ClassVar[bool] = False
    needs_secret: ClassVar[bool] = False
    is_optional: ClassVar[bool] = False
    """Nobody misses it where it lacks a setting: it is neither offered nor spoken of until it can send."""
    address_is_secret: ClassVar[bool] = False
    """Whoever has the address can write there: it is kept encrypted as the contact method's secret (`message.secret`),
    and `masked` of it stands everywhere else."""
    is_typed: ClassVar[bool] = True
    """Its address is typed in the form "Add a way"; False: it is added from its `panel`, or by its own door."""
    asks_in_words: ClassVar[bool] = False
    """What it sends describes the page's question, and a reply by code answers just that."""
    names_several: ClassVar[bool] = False
    """A message may name others of low urgency too (`message.together`), each answered by its code."""
    is_overheard: ClassVar[bool] = False
    """Others may hear or see a message before its reader does: of whoever wants it so, it then says nothing."""
    limits: ClassVar[Limits] = Limits()
    is_one_service: ClassVar[bool] = True
    """All its messages go to one service, so that failures speak about that; False: each address is its own server."""
    order: ClassVar[int] = 50
    """Its place among the providers of its kind unless `CHANNEL_PROVIDERS` names it: the lowest is tried first."""

    @abstractmethod
    def clean_address(self, text: str) -> str:
        """Return the address in its one canonical form; raise `BadInput` with a sentence for the form."""

    def masked(self, address: str) -> str:
        """Return what people and records see of a clean address that is a secret: enough to tell two apart."""
        scheme, _, rest = address.partition("://")
        digest = salted_hmac("notifications.channels.masked", address, algorithm="sha256").hexdigest()
        return f"{scheme}://\u2026{digest[:8]}" if rest else f"\u2026{digest[:8]}"

    @abstractmethod
    def trouble(self) -> str:
        """Return what the administrator has to set before this channel can send, as a sentence; "" when it can."""

    def panel(self, _person: Person) -> SafeString:
        """Return what this channel shows of its own on the page "How I am reached"; nothing for most."""
        return SafeString()

    @abstractmethod
    def send(self, message: Message) -> Receipt:
        """Hand `message` to the provider, within `CALL_S`, outside any transaction.

        Raises `TemporaryFailure`, `PermanentFailure` or `OutcomeUnknown`, and nothing else.
        """

    def prepare(self) -> None:  # noqa: B027 - most channels are ready as they are
        """Load what the first message would otherwise wait for (a provider's library); no network. Repeatable."""

    def let_go(self) -> None:  # noqa: B027 - most channels keep nothing for a thread
        """Give back what the calling thread keeps (connections): it ends, or has nothing to send for a while."""

    def look_up(self, message: Message, *, since: datetime, known: frozenset[str]) -> Receipt | None:
        """Return what became of a `message` sent after `since` without an answer; None when the provider has none.

        `known` are provider ids that belong to other deliveries. Raises as `send`. Only where `can_look_up`.
        """
        raise NotImplementedError(f"{self.kind} can't look a message up")

    def ask(self, ref: str) -> News:
        """Return the provider's present word on a message that it took. Raises as `send`. Only where `has_receipts`."""
        raise NotImplementedError(f"{self.kind} has no receipts")

    def withdraw(self, ref: str) -> None:
        """Take back what has not reached the person yet; return also when it is too late. Only where `can_withdraw`."""
        raise NotImplementedError(f"{self.kind} can't be withdrawn")
