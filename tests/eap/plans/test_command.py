"""Plans as files: checked, written out, brought in for review."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from eap.format.schema import written
from eap.models import Plan, PlanVersion
from eap.operations.plans.install import builtins
from tests.builders import make_person
from tests.eap.format.texts import LOOK, plan_text
from tests.eap.plans.builders import make_draft, make_published


def plans(*words: str) -> tuple[int, str]:
    """Run the command; return its exit code and what it said."""
    said = StringIO()
    try:
        call_command("plans", *words, stdout=said)
    except SystemExit as left:
        return int(str(left.code)), said.getvalue()
    return 0, said.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "restore-web.yaml").write_text(plan_text())
    return tmp_path


def test_files_are_checked_without_a_database(folder: Path) -> None:
    code, said = plans("check", str(folder))
    assert code == 0
    assert f'{folder}/restore-web.yaml:9:8: warning: Nothing uses the role "sec".' in said
    assert plans("check", "--strict", str(folder))[0] == 1
    (folder / "wrong.yaml").write_text(plan_text(key="wrong").replace("role: ops", "role: opps"))
    code, said = plans("check", str(folder / "wrong.yaml"))
    assert code == 1
    assert 'wrong.yaml:22:11: error: No role is called "opps". Did you mean "ops"?' in said


def test_files_that_call_each_other_are_checked_together(folder: Path) -> None:
    part = "- {id: part, kind: sub_plan, title: P, sub_plan: {plan: restore-web}}\n"
    (folder / "all.yaml").write_text(plan_text(part, key="all"))
    assert plans("check", str(folder))[0] == 0
    code, said = plans("check", str(folder / "all.yaml"))
    assert code == 1
    assert 'No plan has the key "restore-web".' in said


def test_what_is_not_there_or_no_text_is_told(folder: Path) -> None:
    with pytest.raises(CommandError, match="There is no"):
        plans("check", str(folder / "nothing.yaml"))
    (folder / "bad.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(CommandError, match="UTF-8"):
        plans("check", str(folder))


def test_the_schema_is_printed() -> None:
    assert plans("schema") == (0, written())


@pytest.mark.django_db
def test_what_is_pulled_comes_back_the_same(folder: Path, tmp_path: Path) -> None:
    version = make_published()
    make_draft(key="not-yet")
    out = tmp_path / "out"
    assert plans("pull", str(out)) == (0, f"written   {out}/restore-web.yaml  version 1\n")
    assert [path.name for path in out.iterdir()] == ["restore-web.yaml"]
    assert (out / "restore-web.yaml").read_text() == version.text
    assert plans("pull", str(out)) == (0, f"same      {out}/restore-web.yaml  version 1\n")
    assert plans("push", str(out)) == (0, f"same      {out}/restore-web.yaml  version 1\n")
    assert PlanVersion.objects.filter(plan=version.plan).count() == 1


@pytest.mark.django_db
def test_what_is_pushed_waits_for_a_second_person(folder: Path) -> None:
    mia = make_person("Mia")
    code, said = plans("push", str(folder), "--as", mia.email, "--notes", "From Git")
    assert (code, said) == (0, f"handed-in {folder}/restore-web.yaml  version 1\n")
    version = PlanVersion.objects.get()
    assert (version.state, version.submitted_by, version.notes) == ("in_review", mia, "From Git")
    assert Plan.objects.get().published is None
    assert plans("push", str(folder))[1].startswith("waiting")


@pytest.mark.django_db
def test_nobodys_draft_is_written_over(folder: Path) -> None:
    draft = make_draft(LOOK.replace("Look at", "Stare at"), person=make_person("Otto"))
    code, said = plans("push", str(folder))
    assert code == 1
    assert "refused" in said
    assert "already under work" in said
    draft.refresh_from_db()
    assert "Stare at" in draft.text


@pytest.mark.django_db
def test_what_is_wrong_is_refused_and_the_rest_comes_in(folder: Path) -> None:
    (folder / "wrong.yaml").write_text(plan_text(key="wrong").replace("role: ops", "role: opps"))
    code, said = plans("push", str(folder))
    assert code == 1
    assert "No role is called" in said
    assert list(Plan.objects.values_list("key", flat=True)) == ["restore-web"]


@pytest.mark.django_db
def test_a_stranger_pushes_nothing(folder: Path) -> None:
    sam = make_person("Sam")
    with pytest.raises(CommandError, match="may write plans here"):
        plans("push", str(folder), "--as", sam.email)


@pytest.mark.django_db
def test_what_comes_with_muster_is_installed_once() -> None:
    keys = sorted(builtins())
    assert plans("install") == (0, "".join(f"installed {key}\n" for key in keys))
    assert plans("install") == (0, "".join(f"unchanged {key}\n" for key in keys))
    assert Plan.objects.filter(builtin=True, published__number=1).count() == len(keys)
