"""Drafted by one, approved by another, published once: what customers read, and what follows."""

from __future__ import annotations

import pytest

from ledger.queries import entries
from statuspage.models import Component, Mailing, Publisher
from tests.builders import make_person
from tests.incidents.builders import after
from tests.statuspage.builders import draft, make_component, make_page, make_public_incident, publish, say

pytestmark = pytest.mark.django_db


def test_an_update_is_drafted_approved_and_published() -> None:
    page = make_page()
    web = make_component(page)
    cam, ada = make_person("Cam"), make_person("Ada")
    update = draft(page, components={web: "major_outage"}, drafted_by=cam)
    assert (update.state, update.public_incident.published_at) == ("draft", None)
    wanted = Publisher.objects.get().wanted
    update = publish(update, ada, now=after(60))
    public = update.public_incident
    web.refresh_from_db()
    assert (update.state, update.approved_by, update.drafted_by) == ("published", ada, cam)
    assert (public.status, public.impact, public.published_at) == ("investigating", "critical", after(60))
    assert web.status == "major_outage"
    assert [(c.old_status, c.new_status) for c in update.components.all()] == [("operational", "major_outage")]
    assert Mailing.objects.get().update == update
    assert Publisher.objects.get().wanted == wanted + 1
    verbs = [entry.verb for entry in entries(public.subject)]
    assert verbs == ["status.update_drafted", "status.update_approved", "status.update_published"]


def test_resolved_lets_every_component_recover() -> None:
    page = make_page()
    web, mail = make_component(page), make_component(page, "Mail")
    public = make_public_incident(page, components={web: "major_outage", mail: "partial_outage"})
    say(public, "monitoring", components={web: "operational"}, now=after(600))
    say(public, "resolved", now=after(1200))
    assert set(Component.objects.values_list("status", flat=True)) == {"operational"}
    times = {each.component.name: each.recovered_at for each in public.affected.select_related("component")}
    assert times == {"Web hosting": after(600), "Mail": after(1200)}
