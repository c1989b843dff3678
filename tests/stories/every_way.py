"""Every way out at once: a stand-in for each provider, a person at each, and what arrived there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from notifications.channels.base import Channel
from notifications.models import ContactMethod, Delivery, Page
from notifications.operations.outbox import post
from notifications.questions import Question, QuestionKind, questions
from people.models import Person
from tests.builders import add_rule, make_method, make_page, make_person, make_policy
from tests.gateway import Gateway, Told, gateway
from tests.notifications.channels.push_service import PushService, push_service
from tests.stories.night import KINDS, Night
from tests.vonage_peer import VonagePeer, vonage_peer
from tests.workspace import Workspace
from web import secrets

SUBJECT: Final = "matrix"
REFUSALS: Final[dict[str, Any]] = {"*": {"http": 400, "code": 21999}, "hook:ada": {"http": 400}}
PHONE: Final = "Mozilla/5.0 (Android 16; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0"


class EveryWay:
    """One product with every channel set up."""

    def __init__(
        self,
        night: Night,
        settings: Settings,
        *,
        vonage: VonagePeer,
        texts: Gateway,
        pushes: PushService,
        slack: Workspace,
    ) -> None:
        self.night = night
        self.settings = settings
        self._vonage, self._texts, self._pushes, self._slack = vonage, texts, pushes, slack
        self._member = ""

    def say_everything(self, way: Channel) -> None:
        """Send every kind of message by one way, each when the one before has left.

        Olga, who gets mail, is paged too: so a page goes on although Ada can't be reached.
        """
        self.settings.CHANNEL_PROVIDERS = {way.kind: (way.provider,)}
        olga = make_person("Olga", methods=["email"])
        method = self._method_of(make_person("Ada", methods=[]), way.kind)
        for subject in ("", f"{SUBJECT}:1"):
            page = make_page(make_policy((300, [method.person, olga])), subject=subject, now=self.night.now())
            self.night.look()
            self._say(Delivery.Kind.REMINDER, method, page)
        for kind in set(Delivery.Kind) - {Delivery.Kind.PAGE, Delivery.Kind.REMINDER}:
            self._say(kind, method, None)

    def refuse(self) -> None:
        """Let every provider refuse whatever it is asked to tell Ada."""
        self.night.phones.script(REFUSALS)
        self._vonage.refuse = Told(status=400, body=json.dumps({"detail": "No."}))
        self._texts.always(400)
        self._slack.script({"chat.postMessage": {"error": "invalid_blocks"}})

    def arrived(self) -> int:
        """Return how many messages arrived anywhere."""
        found = sum(len(self.night.everything(kind)) for kind in KINDS)
        slack = len(self._slack.messages(user=self._member)) if self._member else 0
        found += slack + len(self._vonage.calls) + len(self._vonage.texts) + len(self._texts.asked)
        found += len(self._pushes.took)
        return found

    def _say(self, kind: Delivery.Kind, method: ContactMethod, page: Page | None) -> None:
        now = self.night.now()
        delivery = Delivery(
            page=page,
            person=method.person,
            contact_method=method,
            kind=kind,
            channel=method.channel,
            address=method.address,
            content={"headline": "From Muster", "sentence": "All is well.", "code": secrets.encrypt("123456")},
            not_before=now,
            created_at=now,
        )
        with transaction.atomic():
            post([delivery])
        self.night.look()

    def _method_of(self, person: Person, kind: str) -> ContactMethod:
        hook = f"{self.night.phones.url}/hook/ada"
        addresses = {"webhook": hook, "teams": hook, "apprise": hook.replace("http://", "json://")}
        if kind == "push":
            return self._device_of(person)
        if kind == "slack":
            self._member = self._slack.join(person)
            addresses["slack"] = self._member
        method = make_method(person, kind, address=addresses.get(kind, ""))
        if kind == "email" and self._vonage.refuse is not None:
            self.night.phones.script({**REFUSALS, method.address: {"smtp": 552}})
        add_rule(method)
        return method

    def _device_of(self, person: Person) -> ContactMethod:
        device = self._pushes.device()
        self._pushes.answer(device, 201 if self._vonage.refuse is None else 400)
        browser = Client(headers={"User-Agent": PHONE})
        browser.force_login(person)
        given = json.dumps(device.subscription())
        answer = browser.post(reverse("push_turn_on"), given, content_type="application/json")
        assert answer.status_code == 200, answer.content
        return ContactMethod.objects.get(person=person, channel="push")


@contextmanager
def every_way(night: Night, settings: Settings, slack: Workspace) -> Iterator[EveryWay]:
    """Set every channel up, with a question for pages of the subject kind `SUBJECT`."""
    with ExitStack() as peers:
        vonage = peers.enter_context(vonage_peer(settings))
        texts = peers.enter_context(gateway())
        pushes = peers.enter_context(push_service())
        settings.SMS_HTTP_URL, settings.SMS_HTTP_BODY = f"{texts.url}/send", "{to} {text}"
        settings.SMS_HTTP_METHOD, settings.SMS_HTTP_HEADERS, settings.SMS_HTTP_SUCCESS = "POST", {}, None
        settings.APPRISE_SERVICES = ["json"]
        settings.CHANNEL_RATES = {("voice", "twilio"): 0.0, ("voice", "vonage"): 0.0}
        yield EveryWay(night, settings, vonage=vonage, texts=texts, pushes=pushes, slack=slack)


def asks(text: str) -> QuestionKind:
    """Return how pages of the subject kind `SUBJECT` ask for a yes or no."""
    ask: Callable[..., Question] = lambda *_given: Question(text=text, seal="seal-of-the-question")  # noqa: E731
    return QuestionKind(kind=SUBJECT, ask=ask, answer=lambda _given: "Done.")


def let_ask(text: str) -> dict[str, Any]:
    """Return the registry of questions with that kind in it."""
    return {**questions._kinds, SUBJECT: asks(text)}
