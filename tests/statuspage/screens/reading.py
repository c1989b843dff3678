"""How these tests look at a screen: as somebody, as words."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any, cast

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from people.models import Person


class Words(HTMLParser):
    """The words of a page without its navigation, as one line."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.words: list[str] = []
        self.feed(page.decode().partition("<main")[2].partition("</main>")[0])

    def handle_data(self, data: str) -> None:
        """Keep what is read."""
        self.words += data.split()

    def __str__(self) -> str:
        return " ".join(self.words)


def as_(person: Person) -> Client:
    """Return a browser in which somebody is signed in."""
    client = Client()
    client.force_login(person)
    return client


def words_of(answer: Any) -> str:
    """Return what a page says."""
    return str(Words(answer.content))


def read(person: Person, name: str, /, *args: object, **query: str) -> str:
    """Open a screen as somebody and return what it says."""
    answered = as_(person).get(reverse(name, args=args), query)
    assert answered.status_code == 200, words_of(answered)
    return words_of(answered)


def press(person: Person, name: str, /, *args: object, came_from: str = "/status-pages/", **given: Any) -> str:
    """Send a form as somebody and return what the page says that it leads to."""
    referrer = f"http://testserver{came_from}"
    answered = as_(person).post(reverse(name, args=args), given, headers={"referer": referrer}, follow=True)
    assert answered.status_code == 200, words_of(answered)
    return words_of(answered)


def send(person: Person, name: str, /, *args: object, query: str = "", **given: Any) -> HttpResponse:
    """Send a form as somebody and return the bare answer."""
    return cast(HttpResponse, as_(person).post(f"{reverse(name, args=args)}{query}", given))
