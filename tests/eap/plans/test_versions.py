"""A plan's life: drafted, saved, handed in, published or sent back; and what is refused on the way."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError

from eap.format.canonical import digest
from eap.models import Plan
from eap.operations.plans import install as installing
from eap.operations.plans.begin import begin_from_template, begin_from_text
from eap.operations.plans.draft import discard_draft, draft_plan, draft_version, propose_change, save_draft
from eap.operations.plans.install import Builtin, install
from eap.operations.plans.review import archive, publish, reject, restore, submit, take_back
from ledger.actor import Actor
from ledger.queries import entries
from people.models import Person
from tests.builders import NOW, by, make_person
from tests.eap.format.texts import LOOK, document, plan_text
from tests.eap.plans.builders import make_draft, make_in_review, make_published
from web.errors import BadInput, IllegalMove, NotAllowed

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def otto() -> Person:
    return make_person("Otto")


@pytest.fixture
def vera() -> Person:
    return make_person("Vera")


def as_(person: Person) -> dict[str, Any]:
    return {"person": person, "by": by(person), "now": NOW}


def verbs(plan: Plan) -> list[str]:
    return [entry.verb for entry in entries(plan.subject)]


def test_a_plan_goes_from_draft_to_use_by_two_people(otto: Person, vera: Person) -> None:
    version = make_draft(person=otto)
    submit(version_id=version.pk, **as_(otto))
    published = publish(version_id=version.pk, digest=version.digest, **as_(vera))
    plan = Plan.objects.get()
    assert plan.published == published
    assert (plan.title, plan.owner, plan.review_by) == ("Restore a web server", "Operations", date(2027, 6, 30))
    assert published.read() == document()
    assert published.digest == digest(document())
    assert verbs(plan) == ["plan.drafted", "plan.submitted", "plan.published"]
    recorded = entries(plan.subject)[-1]
    assert (recorded.actor_name, recorded.payload["digest"]) == ("Vera", version.digest)
    assert [review.person for review in published.reviews.all()] == [vera]


def test_repeating_a_move_changes_nothing(otto: Person, vera: Person) -> None:
    version = make_draft(person=otto)
    for _ in range(2):
        submit(version_id=version.pk, **as_(otto))
    for _ in range(2):
        publish(version_id=version.pk, digest=version.digest, **as_(vera))
    assert verbs(version.plan) == ["plan.drafted", "plan.submitted", "plan.published"]


def test_nobody_publishes_what_they_wrote_or_handed_in(otto: Person, vera: Person) -> None:
    mia = make_person("Mia")
    version = make_draft(person=otto)
    save_draft(version_id=version.pk, text=plan_text() + "# more\n", notes="", revision=1, **as_(mia))
    save_draft(version_id=version.pk, text=plan_text(), notes="", revision=2, **as_(otto))
    olga = make_person("Olga")
    submit(version_id=version.pk, **as_(olga))
    version.refresh_from_db()
    for person in (otto, mia, olga):
        with pytest.raises(NotAllowed, match="Somebody else"), transaction.atomic():
            publish(version_id=version.pk, digest=version.digest, **as_(person))
        with pytest.raises(NotAllowed), transaction.atomic():
            reject(version_id=version.pk, reason="No", **as_(person))
    publish(version_id=version.pk, digest=version.digest, **as_(vera))


def test_a_reviewer_publishes_exactly_what_they_read(otto: Person, vera: Person) -> None:
    version = make_in_review(person=otto)
    read = version.digest
    take_back(version_id=version.pk, by=by(otto), now=NOW)
    version.refresh_from_db()
    other = plan_text().replace("Look at the host", "Look away")
    save_draft(version_id=version.pk, text=other, notes="", revision=version.revision, **as_(otto))
    submit(version_id=version.pk, **as_(otto))
    with pytest.raises(IllegalMove, match="changed since you opened it"):
        publish(version_id=version.pk, digest=read, **as_(vera))


def test_a_draft_with_errors_is_kept_and_not_handed_in(otto: Person) -> None:
    version = make_draft(person=otto)
    broken = plan_text().replace("kind: manual", "kind: manuel")
    saved = save_draft(version_id=version.pk, text=broken, notes="", revision=1, **as_(otto))
    assert (saved.text, saved.document, saved.digest) == (broken, None, "")
    with pytest.raises(IllegalMove, match="Mend what the editor shows first: line"):
        submit(version_id=version.pk, **as_(otto))
    wrong = plan_text().replace("role: ops", "role: opps")
    save_draft(version_id=version.pk, text=wrong, notes="", revision=2, **as_(otto))
    with pytest.raises(IllegalMove, match="No role is called"):
        submit(version_id=version.pk, **as_(otto))


def test_two_writers_never_overwrite_each_other(otto: Person) -> None:
    version, mia = make_draft(person=otto), make_person("Mia")
    save_draft(version_id=version.pk, text=plan_text() + "# Mia\n", notes="", revision=1, **as_(mia))
    with pytest.raises(IllegalMove, match="Mia saved this draft while you were writing"):
        save_draft(version_id=version.pk, text=plan_text() + "# Otto\n", notes="", revision=1, **as_(otto))
    version.refresh_from_db()
    assert version.text.endswith("# Mia\n")
    again = save_draft(version_id=version.pk, text=plan_text() + "# Mia\n", notes="", revision=1, **as_(otto))
    assert again.revision == 2


def test_a_draft_keeps_the_key_of_its_plan(otto: Person) -> None:
    version = make_draft(person=otto)
    with pytest.raises(BadInput, match="stays so"):
        save_draft(version_id=version.pk, text=plan_text(key="other"), notes="", revision=1, **as_(otto))


@pytest.mark.parametrize("key", ["", "Upper", "1st", "a b", "new", "check", "x" * 61])
def test_a_key_is_a_word_that_addresses_can_have(otto: Person, key: str) -> None:
    with pytest.raises(BadInput) as refused:
        draft_plan(key=key, text="", **as_(otto))
    assert "key" in refused.value.errors


def test_a_key_is_taken_once(otto: Person) -> None:
    make_draft(person=otto)
    with pytest.raises(BadInput, match="already"):
        make_draft(person=otto)


def test_one_version_is_under_work_at_a_time(otto: Person) -> None:
    version = make_draft(person=otto)
    with pytest.raises(IllegalMove, match="Version 1 of Restore a web server is already under work"):
        draft_version(plan=version.plan, text=plan_text(), **as_(otto))


def test_a_version_sent_back_stays_and_the_next_begins_from_it(otto: Person, vera: Person) -> None:
    version = make_in_review(person=otto)
    with pytest.raises(BadInput):
        reject(version_id=version.pk, reason=" ", **as_(vera))
    reject(version_id=version.pk, reason="Who calls the customer?", **as_(vera))
    assert entries(version.plan.subject)[-1].personal_text == "Who calls the customer?"
    following = propose_change(plan=version.plan, notes="Customers are called", **as_(otto))
    assert (following.number, following.based_on, following.text) == (2, version, version.text)
    with pytest.raises(IllegalMove, match="rejected"):
        save_draft(version_id=version.pk, text=plan_text() + "# x\n", notes="", revision=1, **as_(otto))


def test_a_proposed_change_begins_from_what_is_in_use_and_collects_notes(otto: Person, vera: Person) -> None:
    version = make_published(person=otto, reviewer=vera)
    following = propose_change(plan=version.plan, notes="Step 1 took 40 min.", **as_(vera))
    assert (following.number, following.based_on, following.text) == (2, version, version.text)
    same = propose_change(plan=version.plan, notes="Step 2 was skipped.", **as_(otto))
    assert same.pk == following.pk
    assert same.notes == "Step 1 took 40 min.\n\nStep 2 was skipped."
    once = propose_change(plan=version.plan, notes="Step 2 was skipped.", **as_(otto))
    assert once.notes == same.notes


def test_a_draft_is_thrown_away_and_an_empty_plan_with_it(otto: Person, vera: Person) -> None:
    version = make_draft(person=otto)
    assert discard_draft(version_id=version.pk, by=by(otto), now=NOW) is None
    assert not Plan.objects.exists()
    published = make_published(person=otto, reviewer=vera)
    draft = propose_change(plan=published.plan, notes="", **as_(otto))
    assert discard_draft(version_id=draft.pk, by=by(otto), now=NOW) == published.plan
    with pytest.raises(IllegalMove, match="Only a draft"):
        discard_draft(version_id=published.pk, by=by(otto), now=NOW)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE eap_planversion SET text = 'other'",
        "UPDATE eap_planversion SET state = 'draft', published_at = NULL",
        "DELETE FROM eap_planversion",
        "UPDATE eap_review SET reason = 'other'",
        "DELETE FROM eap_review",
    ],
)
def test_the_database_refuses_to_change_what_was_published(statement: str) -> None:
    make_published()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_plan_out_of_use_comes_back(otto: Person) -> None:
    version = make_published()
    for _ in range(2):
        plan = archive(plan_id=version.plan.pk, by=by(otto), now=LATER)
    assert plan.archived_at == LATER
    assert restore(plan_id=plan.pk, by=by(otto), now=LATER).archived_at is None
    assert verbs(plan)[-2:] == ["plan.archived", "plan.restored"]


def test_sub_plans_have_to_exist_when_a_version_is_handed_in(otto: Person) -> None:
    part = "- {id: part, kind: sub_plan, title: P, sub_plan: {plan: restore-db}}\n"
    version = make_draft(part, person=otto)
    with pytest.raises(IllegalMove, match="No plan has the key"):
        submit(version_id=version.pk, **as_(otto))
    make_published(key="restore-db")
    submit(version_id=version.pk, **as_(otto))


def test_a_circle_of_plans_is_found_when_the_last_one_closes_it(otto: Person, vera: Person) -> None:
    make_published(key="restore-db", person=otto, reviewer=vera)
    make_published("- {id: p, kind: sub_plan, title: P, sub_plan: {plan: restore-db}}\n", person=otto, reviewer=vera)
    plan = Plan.objects.get(key="restore-db")
    text = plan_text("- {id: p, kind: sub_plan, title: P, sub_plan: {plan: restore-web}}\n", key="restore-db")
    draft = draft_version(plan=plan, text=text, **as_(otto))
    with pytest.raises(IllegalMove, match="without end"):
        submit(version_id=draft.pk, **as_(otto))


def test_a_plan_begins_from_the_blank_page_with_nothing_wrong(otto: Person) -> None:
    version = begin_from_template(template="", key="our-own", **as_(otto))
    assert version.document is not None
    submit(version_id=version.pk, **as_(otto))


def test_a_file_makes_a_plan_or_the_next_version_of_one(otto: Person) -> None:
    first = begin_from_text(text=plan_text(), **as_(otto))
    assert (first.plan.key, first.number) == ("restore-web", 1)
    with pytest.raises(IllegalMove, match="under work"):
        begin_from_text(text=plan_text(), **as_(otto))
    with pytest.raises(BadInput, match="says no key"):
        begin_from_text(text="title: x\n", **as_(otto))


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_done() -> None:
    version = make_draft()
    with pytest.raises(TransactionManagementError):
        take_back(version_id=version.pk, by=Actor.system(), now=NOW)


def ours(text: str) -> dict[str, Builtin]:
    whole = document(LOOK) if text == plan_text() else document(LOOK.replace("Look at the host", "Look again"))
    return {"restore-web": Builtin(text, whole, digest(whole))}


def test_what_comes_with_muster_is_published_once_and_later_only_offered(
    otto: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = plan_text(LOOK.replace("Look at the host", "Look again"))
    given: dict[str, Any] = {"key": "restore-web", "by": Actor.system(), "now": NOW}
    monkeypatch.setattr(installing, "builtins", lambda: ours(plan_text()))
    assert [install(**given), install(**given)] == ["installed", "unchanged"]
    plan = Plan.objects.get()
    assert plan.builtin
    assert plan.published is not None
    assert plan.published.number == 1
    draft = propose_change(plan=plan, notes="Ours", **as_(otto))
    monkeypatch.setattr(installing, "builtins", lambda: ours(newer))
    assert install(**given) == "waits"
    discard_draft(version_id=draft.pk, by=by(otto), now=NOW)
    assert [install(**given), install(**given)] == ["offered", "unchanged"]
    plan.refresh_from_db()
    assert plan.published.number == 1
    offered = plan.versions.first()
    assert offered is not None
    assert (offered.state, offered.from_builtin, offered.text) == ("draft", True, newer)
