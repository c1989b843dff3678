"""Who sees which place, and where they are."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.test import RequestFactory

from web import navigation
from web.icons import UnknownIconError
from web.navigation import Item, Navigation


@pytest.fixture(autouse=True)
def _an_empty_house(monkeypatch: pytest.MonkeyPatch) -> None:
    """Places of the real apps stay out of these tests."""
    monkeypatch.setattr(navigation, "_items", {})
    monkeypatch.setattr(navigation, "_judges", [])
    monkeypatch.setattr(navigation, "reverse", lambda name: {"now": "/"}.get(name, f"/{name}/"))


def seen_by(person: object, path: str = "/") -> Navigation:
    """Return the navigation of one reader at one address."""
    request = RequestFactory().get(path)
    request.user = person  # type: ignore[assignment]  # a reader without a database
    return navigation.navigation_for(request)


otto = SimpleNamespace(is_authenticated=True, name="Otto")
stranger = SimpleNamespace(is_authenticated=False, name="")


def test_places_stand_in_order_and_only_for_those_who_are_signed_in() -> None:
    navigation.register(Item("Alerts", "alerts", "inbox", 30))
    navigation.register(Item("Now", "now", "now", 10))
    assert [place.url for place in seen_by(otto).places] == ["/", "/alerts/"]
    assert seen_by(stranger).places == []


def test_a_capability_is_asked_of_the_judge_and_without_one_nobody_sees_the_place() -> None:
    navigation.register(Item("Rules", "rules", "route", 10, capability="administer"))
    assert seen_by(otto).places == []
    navigation.judge_with(lambda person, capability: (person.name, capability) == ("Otto", "administer"))
    assert [place.url for place in seen_by(otto).places] == ["/rules/"]
    assert seen_by(SimpleNamespace(is_authenticated=True, name="Sam")).places == []


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/", "/"),
        ("/incidents/", "/incidents/"),
        ("/incidents/7/", "/incidents/"),
        ("/incidents/past/", "/incidents/past/"),
        ("/elsewhere/", None),
    ],
)
def test_the_closest_place_is_the_current_one(path: str, current: str | None) -> None:
    for order, name in enumerate(["now", "incidents", "incidents/past"]):
        navigation.register(Item(name, name, "now", order))
    here = [place.url for place in seen_by(otto, path).places if place.current]
    assert here == ([current] if current else [])


def test_a_phone_has_two_places_the_button_and_more() -> None:
    for order, name in enumerate(["now", "mine", "incidents", "people"]):
        navigation.register(Item(name, name, "now", order))
    assert [place.item.label for place in seen_by(otto).dock] == ["now", "mine", "incidents"]
    navigation.register(Item("Declare", "declare", "declare", 99, prominent=True))
    assert [place.item.label for place in seen_by(otto).dock] == ["now", "mine", "Declare"]


def test_what_waits_is_counted_for_the_reader() -> None:
    navigation.register(Item("Mine", "mine", "bell", 1, count=lambda request: len(request.user.name)))  # type: ignore[union-attr]
    assert seen_by(otto).places[0].count == 4


def test_registering_again_replaces_and_a_wrong_icon_is_refused_at_start() -> None:
    navigation.register(Item("Old", "mine", "bell", 1))
    navigation.register(Item("New", "mine", "bell", 1))
    assert [place.item.label for place in seen_by(otto).places] == ["New"]
    with pytest.raises(UnknownIconError):
        navigation.register(Item("Odd", "odd", "no-such-icon", 1))
