"""Two people at the same moment: what is published is published once, and as it was approved."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from engine.duties import run_once
from ledger.queries import entries
from statuspage.models import (
    Component,
    ImpactChange,
    Mailing,
    StatusPage,
)
from statuspage.operations.approve_update import approve_update
from statuspage.operations.contents import digest_of
from statuspage.operations.edit_draft import edit_draft
from tests.builders import NOW, by, make_person
from tests.incidents.builders import after, make_incident
from tests.statuspage.builders import (
    approve,
    draft,
    let_out,
    make_component,
    make_maintenance,
    make_page,
)
from web.errors import IllegalMove

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> StatusPage:
    return make_page()


@pytest.fixture
def web(page: StatusPage) -> Component:
    return make_component(page)


def status(component: Component) -> str:
    component.refresh_from_db()
    return component.status


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Two people at the same moment."""

    def test_two_publish_and_it_is_published_once(self, page: StatusPage, web: Component) -> None:
        incident = make_incident(severity=2)
        update = approve(draft(page, components={web: "major_outage"}, incident=incident))
        people = [make_person("Ada"), make_person("Vic")]
        answers = at_once([partial(let_out, update, person) for person in people])
        assert [answer.state for answer in answers] == ["published", "published"]
        assert (Mailing.objects.count(), ImpactChange.objects.count()) == (1, 1)
        verbs = [entry.verb for entry in entries(update.public_incident.subject)]
        assert verbs.count("status.update_published") == 1

    def test_two_incidents_of_one_component_lose_neither(self, page: StatusPage, web: Component) -> None:
        updates = [
            approve(draft(page, name=f"N{n}", components={web: f"{how}_outage"}))
            for n, how in enumerate(("partial", "major"))
        ]
        person = make_person("Ada")
        at_once([partial(let_out, update, person) for update in updates])
        assert status(web) == "major_outage"
        assert ImpactChange.objects.count() == 2

    def test_approved_while_it_is_edited_only_one_of_them_holds(self, page: StatusPage) -> None:
        update = draft(page, drafted_by=make_person("Cam"))
        read, ada, max_ = digest_of(update), make_person("Ada"), make_person("Max")

        def approves() -> str:
            with transaction.atomic():
                approve_update(update=update, digest=read, person=ada, by=by(ada), now=NOW)
            return "approved"

        def edits() -> str:
            with transaction.atomic():
                edit_draft(update=update, texts={"en": "Other words."}, by=by(max_), now=NOW)
            return "edited"

        at_once([approves, edits], refusals=True)
        update.refresh_from_db()
        assert update.texts == {"en": "Other words."}
        assert update.state == "draft", "whoever came first, an approval of other words does not stand"

    def test_two_engines_start_one_maintenance_once(self, page: StatusPage, web: Component) -> None:
        public = make_maintenance(page, components={web: "under_maintenance"})
        answers = at_once([partial(run_once, "maintenances", now=after(7200)) for _ in range(2)])
        assert sum(answers) == 1
        assert public.updates.filter(stage="in_progress").count() == 1
        assert (ImpactChange.objects.count(), Mailing.objects.count()) == (1, 2)


def at_once(moves: list[Callable[[], Any]], *, refusals: bool = False) -> list[Any]:
    """Make all moves at the same moment, each on a connection of its own; return what they answered."""
    start, answers = threading.Barrier(len(moves)), []
    failures: list[BaseException] = []

    def make(move: Callable[[], Any]) -> None:
        start.wait()
        try:
            answers.append(move())
        except IllegalMove as refusal:
            if not refusals:
                failures.append(refusal)
        except Exception as failure:  # noqa: BLE001  (told by the thread that waits)
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=make, args=(move,)) for move in moves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    return answers
