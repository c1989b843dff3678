"""An update as all its receivers are told it: rendered once for each language, by whichever thread needs it first."""

from __future__ import annotations

import threading
from datetime import datetime
from functools import lru_cache
from typing import Final

from django.conf import settings

from statuspage.models import StatusUpdate
from statuspage.subscribers.hook_body import HookBodies
from statuspage.subscribers.mail_form import MailForm
from statuspage.subscribers.telling import tell, update_of
from statuspage.subscribers.text_message import text_of
from statuspage.subscribers.update_mail import update_form

KEPT: Final = 8
"""Updates that a process keeps ready: some hundred kilobytes."""


class Told:
    """A published update, which never changes, in every form that was asked for."""

    def __init__(self, update: StatusUpdate, *, now: datetime) -> None:
        self.update = update
        self._now = now
        self._lock = threading.Lock()
        self._forms: dict[tuple[str, bool], MailForm] = {}
        self._texts: dict[str, str] = {}
        self._hooks: HookBodies | None = None

    def mail(self, language: str, *, repeated: bool) -> MailForm:
        """Return the mail's form in a language."""
        key = (language, repeated)
        form = self._forms.get(key)
        if form is None:
            with self._lock:
                form = self._forms.setdefault(key, update_form(tell(self.update, language), repeated=repeated))
        return form

    def text(self, language: str) -> str:
        """Return the text message in a language."""
        text = self._texts.get(language)
        if text is None:
            with self._lock:
                text = self._texts.setdefault(language, text_of(tell(self.update, language)))
        return text

    def hooks(self) -> HookBodies:
        """Return the webhooks' payloads."""
        with self._lock:
            if self._hooks is None:
                self._hooks = HookBodies(self.update, now=self._now)
            return self._hooks


def told_of(update_id: str, *, now: datetime) -> Told:
    """Return what receivers of an update are told. `now` stands in what is made anew."""
    return _made(update_id, settings.PUBLIC_URL, _Moment(now))


class _Moment:
    """A time that makes no difference to what is found again."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Moment)


@lru_cache(maxsize=KEPT)
def _made(update_id: str, _public_url: str, moment: _Moment) -> Told:
    return Told(update_of(update_id), now=moment.now)
