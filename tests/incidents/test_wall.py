"""The big screen: what everybody in the room may read."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from incidents.models import Incident
from tests.builders import make_person, make_schedule
from tests.incidents.builders import make_incident

pytestmark = pytest.mark.django_db


def read(client: Client) -> str:
    answered = client.get(reverse("wall"))
    assert answered.status_code == 200
    return " ".join(answered.content.decode().partition("<main")[2].partition("</main>")[0].split())


def test_what_is_open_stands_there_and_nothing_that_is_private() -> None:
    ida = make_person("Ida")
    make_schedule("Hosting", ida)
    open_, over, hushed = make_incident(title="Disk full"), make_incident(title="Old"), make_incident(title="Intruder")
    Incident.objects.filter(pk=over.pk).update(status=Incident.Status.RESOLVED)
    Incident.objects.filter(pk=hushed.pk).update(private=True, declared_by=ida)
    client = Client()
    client.force_login(ida)
    page = read(client)
    assert "1 open incident" in page
    assert open_.title in page
    assert "Ida" in page
    assert "Old" not in page
    assert "Intruder" not in page, "she may see it, but not whoever passes"


def test_it_grows_with_what_happens_and_asks_nobody_for_anything() -> None:
    client = Client()
    client.force_login(make_person("Ida"))
    page = read(client)
    assert "No incident is open." in page
    assert 'data-live="incidents' in page
    assert "<form" not in page
