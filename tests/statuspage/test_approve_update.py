"""Who must agree before customers read anything, and to what exactly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from incidents.timeline import timeline
from ledger.actor import Actor
from ledger.queries import entries
from statuspage.models import (
    Component,
    EmergencyOverride,
    PublishingPolicy,
    Server,
    StatusPage,
)
from statuspage.operations.approve_update import approve_update
from statuspage.operations.contents import digest_of
from statuspage.operations.edit_draft import edit_draft
from statuspage.operations.open_override import open_override
from tests.builders import NOW, by, make_person
from tests.incidents.builders import after, make_incident
from tests.statuspage.builders import (
    approve,
    draft,
    draft_more,
    let_out,
    make_component,
    make_page,
    publish,
)
from web.errors import BadInput, IllegalMove

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> StatusPage:
    return make_page()


class TestApproval:
    """Who must agree, and to what exactly."""

    def test_nobody_approves_what_they_wrote(self, page: StatusPage) -> None:
        cam = make_person("Cam")
        update = draft(page, drafted_by=cam)
        with pytest.raises(IllegalMove, match="another person"):
            approve(update, cam)
        ada = make_person("Ada")
        with transaction.atomic():
            edit_draft(update=update, texts={"en": "Ada's words."}, by=by(ada), now=NOW)
        with pytest.raises(IllegalMove, match="another person"):
            approve(update, ada)
        assert approve(update, cam).approved_by == cam

    def test_what_a_plan_drafted_any_person_may_approve(self, page: StatusPage) -> None:
        update = draft(page, drafted_by=Actor(kind="rule", id="run:7", name="Plan “Power lost”", via="rule"))
        assert (update.drafted_by, update.drafted_by_name) == (None, "Plan “Power lost”")
        assert publish(update, make_person("Ada")).state == "published"

    def test_an_edit_in_between_is_never_let_out_by_an_approval_of_something_else(self, page: StatusPage) -> None:
        update = draft(page, drafted_by=make_person("Cam"))
        read = digest_of(update)
        with transaction.atomic():
            edit_draft(update=update, texts={"en": "Other words."}, by=by(make_person("Max")), now=NOW)
        ada = make_person("Ada")
        with transaction.atomic(), pytest.raises(IllegalMove, match="changed since you read it"):
            approve_update(update=update, digest=read, person=ada, by=by(ada), now=NOW)
        with pytest.raises(IllegalMove, match="second person"):
            let_out(update, ada)

    def test_an_edit_after_the_approval_voids_it(self, page: StatusPage) -> None:
        update = approve(draft(page))
        with transaction.atomic():
            update = edit_draft(update=update, deliver=False, by=by(make_person("Max")), now=NOW)
        assert (update.state, update.approved_by, update.digest) == ("draft", None, "")
        with pytest.raises(IllegalMove, match="second person"):
            let_out(update, make_person("Ada"))

    def test_what_another_draft_changes_of_the_same_incident_voids_it_too(self, page: StatusPage) -> None:
        first = draft(page)
        second = draft_more(first.public_incident, "identified")
        approve(first)
        writer = make_person("Max")
        with transaction.atomic():
            edit_draft(update=second, name="Another name", by=by(writer), now=NOW)
        with pytest.raises(IllegalMove, match="has changed since"):
            let_out(first, make_person("Ada"))
        with pytest.raises(IllegalMove, match="another person"):
            approve(first, writer)
        assert publish(first, make_person("Sue")).public_incident.name == "Another name"

    @pytest.mark.parametrize(
        "change",
        [
            {"next_update_at": datetime(9999, 12, 31, 23, 59, tzinfo=UTC)},
            {"started_at": datetime(1, 1, 1, tzinfo=UTC)},
            {"scheduled": (after(60), datetime(9999, 12, 31, 23, 59, tzinfo=UTC))},
        ],
    )
    def test_times_that_no_calendar_can_tell_never_reach_the_page(
        self, page: StatusPage, change: dict[str, Any]
    ) -> None:
        update = draft(page)
        with transaction.atomic(), pytest.raises(BadInput):
            edit_draft(update=update, **change, by=by(make_person("Max")), now=NOW)

    @pytest.mark.parametrize(
        "change",
        [
            lambda _: {"texts": {"en": "Other words."}},
            lambda _: {"stage": "identified"},
            lambda web: {"components": {web.pk: "partial_outage"}},
            lambda _: {"deliver": False},
            lambda _: {"next_update_at": after(60)},
            lambda _: {"name": "Another"},
            lambda _: {"names": {"de": "Anders"}},
            lambda _: {"impact_override": "minor"},
            lambda _: {"started_at": after(-60)},
            lambda web: {"servers": [Server.objects.create(page=web.page, name="web-1").pk]},
        ],
    )
    def test_everything_that_customers_see_is_in_the_digest(
        self, change: Callable[[Component], dict[str, Any]]
    ) -> None:
        web = make_component(make_page(languages=["de"]))
        update = draft(web.page)
        before = digest_of(update)
        with transaction.atomic():
            changed = edit_draft(update=update, by=by(make_person("Max")), now=NOW, **change(web))
        assert digest_of(changed) != before

    def test_the_policy_of_the_severity_says_who_must_agree(self, page: StatusPage) -> None:
        PublishingPolicy.objects.create(severity=1, approvals=0)
        cam = make_person("Cam")
        free = draft(page, incident=make_incident(severity=1), drafted_by=cam)
        bound = draft(page, incident=make_incident(severity=2), drafted_by=cam)
        assert let_out(free, cam).state == "published"
        with pytest.raises(IllegalMove, match="second person"):
            let_out(bound, cam)
        PublishingPolicy.objects.create(severity=0, approvals=0)
        assert let_out(draft(page, drafted_by=cam), cam).state == "published"

    def test_approving_or_publishing_it_again_changes_nothing(self, page: StatusPage) -> None:
        ada = make_person("Ada")
        update = draft(page)
        once = approve(update, ada)
        assert approve(update, ada, now=after(60)).approved_at == once.approved_at
        first = let_out(update, ada)
        again = let_out(update, ada, now=after(60))
        assert (again.published_at, again.version) == (first.published_at, first.version)
        with pytest.raises(IllegalMove, match="is published"):
            approve(update, make_person("Sue"))


class TestOverride:
    """In an emergency one person publishes alone: in a time box, with a reason, for all to see."""

    def test_it_needs_an_open_override_of_ones_own_and_a_reason(self, page: StatusPage) -> None:
        ada, cam = make_person("Ada"), make_person("Cam")
        update = draft(page, incident=(incident := make_incident(severity=2)), drafted_by=ada)
        with pytest.raises(IllegalMove, match="Open an emergency override"):
            let_out(update, ada, override_reason="Alone at night")
        with transaction.atomic():
            override = open_override(person=ada, reason="Nobody answers", minutes=30, by=by(ada), now=NOW)
        assert override.until == after(1800)
        with pytest.raises(IllegalMove, match="second person"):
            let_out(update, ada, override_reason="  ")
        with pytest.raises(IllegalMove, match="Open an emergency override"):
            let_out(update, cam, override_reason="Hers, not mine")
        with pytest.raises(IllegalMove, match="its time is over"):
            let_out(update, ada, override_reason="Too late", now=after(1800))
        with pytest.raises(BadInput):
            let_out(update, ada, override_reason="x" * 301)
        update = let_out(update, ada, override_reason="Alone at night", now=after(1799))
        assert (update.override_reason, update.approved_by) == ("Alone at night", None)
        used = [entry for entry in entries(incident.subject) if entry.verb == "status.override_used"]
        assert used[0].personal_text == "Alone at night"
        sentences = [line.sentence for line in timeline(incident)]
        assert any("without a second person" in sentence for sentence in sentences)

    @pytest.mark.parametrize(("reason", "minutes"), [("", 10), ("x" * 301, 10), ("Dark", 0), ("Dark", 61)])
    def test_no_override_without_reason_or_end(self, reason: str, minutes: int) -> None:
        ada = make_person("Ada")
        with transaction.atomic(), pytest.raises(BadInput):
            open_override(person=ada, reason=reason, minutes=minutes, by=by(ada), now=NOW)
        assert not EmergencyOverride.objects.exists()

    def test_an_approved_update_uses_none(self, page: StatusPage) -> None:
        ada = make_person("Ada")
        with transaction.atomic():
            open_override(person=ada, reason="Nobody answers", minutes=30, by=by(ada), now=NOW)
        update = let_out(approve(draft(page), make_person("Sue")), ada, override_reason="Not needed")
        assert update.override_reason == ""
