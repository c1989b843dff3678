"""Whatever Muster has to say, by whichever channel and provider: it arrives, or it is written down that it did not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from notifications.channels.registry import all_carriers, carrier
from notifications.models import Delivery
from notifications.questions import questions
from tests.stories.every_way import EveryWay, every_way, let_ask
from tests.stories.night import Night
from tests.workspace import Workspace

QUESTION = "Restore the web server? It can't be undone."


@pytest.fixture
def ways(night: Night, slack: Workspace, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[EveryWay]:
    """Every channel, set up, with somebody at its other end."""
    monkeypatch.setattr(questions, "_kinds", let_ask(QUESTION))
    with every_way(night, settings, slack) as made:
        yield made


def told(deliveries: list[Delivery]) -> set[tuple[str, str]]:
    """Return what the messages were for: their kind, and whether they asked for a yes or no."""
    asked = {True: "approval", False: ""}
    return {(each.kind, asked[each.page is not None and bool(each.page.subject)]) for each in deliveries}


EVERYTHING = {(kind, "") for kind in Delivery.Kind.values} | {("page", "approval"), ("reminder", "approval")}


WAYS = [(each.kind, each.provider) for each in all_carriers()]


@pytest.mark.parametrize(("kind", "provider"), WAYS)
def test_every_kind_of_message_leaves_by_every_channel(ways: EveryWay, kind: str, provider: str) -> None:
    way = carrier(kind, provider)
    assert way.trouble() == "", "tests/stories/every_way.py gives this one no stand-in"
    ways.say_everything(way)
    sent = list(Delivery.objects.filter(person__name="Ada").select_related("page").order_by("pk"))
    assert told(sent) == EVERYTHING
    assert {each.provider for each in sent} == {provider}
    assert [(each.kind, each.state, each.reason) for each in sent if each.state not in ("sent", "delivered")] == []
    assert ways.arrived() == Delivery.objects.count()


@pytest.mark.parametrize(("kind", "provider"), WAYS)
def test_what_is_refused_fails_with_a_reason_and_is_kept(ways: EveryWay, kind: str, provider: str) -> None:
    ways.refuse()
    ways.say_everything(carrier(kind, provider))
    sent = list(Delivery.objects.filter(person__name="Ada").select_related("page").order_by("pk"))
    assert told(sent) == EVERYTHING
    for delivery in sent:
        assert delivery.state == "failed", f"{delivery.kind} is {delivery.state}"
        assert delivery.reason
        assert "permanent" in [attempt.result for attempt in delivery.attempts.all()]
    ways.arrived()  # Olga's mail
