"""What stories about one person and a page ask: page them, text as they do, see what became of it."""

from __future__ import annotations

from typing import Final

from notifications.models import Page
from people.models import Person
from tests.builders import make_person
from tests.stories.night import Night, answered

HALL_2: Final = "Power lost in hall 2"


def page(night: Night, person: Person, title: str = HALL_2, *, urgency: str = "high") -> Page:
    """Page somebody through the API, as an administrator whom nobody calls."""
    administrator = Person.objects.filter(name="Alma").first() or make_person("Alma", methods=[])
    with night.sign_in(administrator) as api:
        body = {"person": str(person.pk), "title": title, "urgency": urgency}
        made = answered(api.post("/pages", json=body), 201)
    return Page.objects.get(pk=made["id"])


def text(night: Night, person: Person, body: str) -> str:
    """Text from somebody's own number and return what comes back."""
    return night.phones.text_in(number=person.contact_methods.get(channel="sms").address, body=body)


def state(page: Page) -> str:
    """Return a page's state as it is now."""
    page.refresh_from_db()
    return page.state
