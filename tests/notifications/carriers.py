"""Providers that do what a test tells them, beside the real ones: the second carrier of a kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import ClassVar

import pytest

from notifications.channels import registry
from notifications.channels.base import Channel, ChannelFailure, Limits, Message, News, Receipt


class Carrier(Channel):
    """Takes everything, unless `answers` holds something else for the next messages; remembers what came."""

    label: ClassVar[str] = "Carrier"
    icon: ClassVar[str] = "message"
    address_label: ClassVar[str] = "Number"
    address_help: ClassVar[str] = "A number."
    address_type: ClassVar = "tel"
    can_withdraw: ClassVar[bool] = True
    has_receipts: ClassVar[bool] = True

    def __init__(self, kind: str, provider: str, *, limits: Limits = Limits()) -> None:  # noqa: B008 - frozen
        self.kind = kind  # type: ignore[misc]
        self.provider = provider  # type: ignore[misc]
        self.limits = limits  # type: ignore[misc]
        self.answers: list[ChannelFailure | None] = []
        self.always: ChannelFailure | None = None
        self.sent: list[Message] = []
        self.withdrawn: list[str] = []
        self.word: News | ChannelFailure = News(ref="", word="queued", rank=1, kind="progress")

    def clean_address(self, text: str) -> str:
        """Return what was typed."""
        return text

    def trouble(self) -> str:
        """Lack nothing."""
        return ""

    def send(self, message: Message) -> Receipt:
        """Remember it and answer as told."""
        answer = self.answers.pop(0) if self.answers else self.always
        if answer is not None:
            raise answer
        self.sent.append(message)
        return Receipt(ref=f"{self.provider}-{len(self.sent)}", code="queued", check_after_s=30.0)

    def ask(self, ref: str) -> News:
        """Say the word that the test set."""
        del ref
        if isinstance(self.word, ChannelFailure):
            raise self.word
        return self.word

    def withdraw(self, ref: str) -> None:
        """Remember it."""
        self.withdrawn.append(ref)

    def look_up(self, message: Message, *, since: datetime, known: frozenset[str]) -> Receipt | None:
        """Know nothing."""
        del message, since, known
        return None


@contextmanager
def carriers_of(kind: str, *carriers: Carrier) -> Iterator[None]:
    """Let these be all providers of `kind`, in this order."""
    known = registry._discovered()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_discovered", lambda: {**known, kind: carriers})
        yield
