"""Harbor Hosting's status page has a past that agrees with itself, and nobody is written to about it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from demonstration.load import load
from demonstration.words import LANGUAGES, words
from incidents.models import Incident, IncidentType
from people.models import Person
from statuspage.models import (
    Component,
    ImpactChange,
    Mailing,
    Notice,
    PublicIncident,
    StatusPage,
    StatusUpdate,
    UpdateTemplate,
)
from statuspage.overview import overviews, waiting_updates
from statuspage.queries import timelines
from statuspage.rules.impact import spans
from statuspage.rules.wording import unknown_placeholders
from tests.builders import NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(settings: Settings, tmp_path: Path) -> StatusPage:
    settings.VAR_DIR = tmp_path
    load(now=NOW)
    return StatusPage.objects.get()


def test_the_page_is_whole_and_well(page: StatusPage) -> None:
    assert (page.slug, page.audience, page.logo_type) == ("", "public", "image/png")
    (shown,) = overviews(NOW)
    assert (shown.total, shown.well, shown.worst) == (8, 8, "operational")
    assert not shown.incidents
    assert len(shown.maintenance) == 2
    assert all(component.services.count() == 1 for component in Component.objects.all())
    vera = Person.objects.get(name__startswith="Vera")
    assert [update.public_incident.name for update in waiting_updates(vera)] == ["Control panel update"]


def test_two_years_are_told_and_every_component_is_well_in_the_end(page: StatusPage) -> None:
    told = PublicIncident.objects.filter(published_at__isnull=False)
    assert told.filter(kind="incident").count() > 30
    assert told.filter(kind="maintenance", status="completed").count() > 15
    assert not told.filter(kind="incident").exclude(status__in=["resolved", "postmortem"]).exists()
    steps = timelines(page, since=NOW - timedelta(days=800), now=NOW)
    assert len(steps) == 8
    for of_component in steps.values():
        assert spans(of_component)[-1].status == "operational"
    assert not ImpactChange.objects.filter(at__gt=NOW).exists()
    assert not StatusUpdate.objects.filter(state="published", display_at__gt=NOW).exists()


def test_the_three_incidents_were_told_to_customers_while_they_went_on(page: StatusPage) -> None:
    for incident in Incident.objects.all():
        public = PublicIncident.objects.get(incident=incident)
        heard = public.updates.order_by("published_at").first()
        assert heard is not None
        assert heard.published_at is not None
        assert timedelta(0) < heard.published_at - incident.opened_at < timedelta(minutes=25)
        assert heard.approved_by != heard.drafted_by
        assert set(heard.texts) >= {"en", "de"}


def test_nobody_is_written_to_about_the_past(page: StatusPage) -> None:
    assert set(Mailing.objects.values_list("state", flat=True)) == {"done"}
    assert not Notice.objects.exists()


def test_words_are_prepared_for_every_kind_of_incident_in_five_languages(page: StatusPage) -> None:
    for kind in (*IncidentType.values, ""):
        if kind == "other":
            continue  # anything goes
        for stage in ("investigating", "resolved"):
            template = UpdateTemplate.objects.get(incident_type=kind, stage=stage)
            assert set(template.texts) == set(LANGUAGES), (kind, stage)
            assert unknown_placeholders(template.texts.values()) == set()
    assert set(words("en")) == set(words("de"))
    assert UpdateTemplate.objects.filter(stage="scheduled").count() == 1
