"""How messages speak of a run, and who may know of one. Of a private incident's run they say the number alone."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from eap.models import Run
from eap.operations.runs.news import DEFAULT_SEVERITY, DRILL_PREFIX, DUTY
from incidents.queries import hidden_incidents
from notifications.models import Page
from notifications.registry import SubjectKind, SubjectWords
from notifications.subject_doors import SubjectDoor
from people.models import Person
from web.errors import IllegalMove, NotFound


def words_of(run_id: str) -> SubjectWords | None:
    """Return how to speak of a run: its plan, and the incident by its number. None when it is gone."""
    run = _run(run_id)
    return _words(run, run.title) if run is not None else None


def words_of_page(page: Page, run_id: str) -> SubjectWords | None:
    """Return how to speak of a page about a run: what is asked for comes first. A drill is an EXERCISE, always."""
    run = _run(run_id)
    if run is None:
        return None
    asked = page.title.removeprefix(DRILL_PREFIX)
    return _words(run, f"{asked} ({run.title})" if asked != run.title else asked)


def _run(run_id: str) -> Run | None:
    try:
        return Run.objects.select_related("incident").filter(pk=UUID(run_id)).first()
    except ValueError:
        return None


def _words(run: Run, text: str) -> SubjectWords:
    incident = run.incident
    if incident is not None and incident.private:
        # A plan's name and its steps tell what the incident is about, and a message is no sealed letter.
        text = _("a private incident")
    exercise = _("EXERCISE: ") if run.drill else ""
    number = f"{incident.number}: " if incident is not None else ""
    spoken = _("This is an exercise. ") if run.drill else ""
    if incident is not None:
        spoken += _("Incident %(digits)s. ") % {"digits": " ".join(str(incident.number))}
    return SubjectWords(
        title=f"{exercise}{number}{text}",
        short=f"{exercise}{number}{text}",
        spoken=f"{spoken}{text}",
        path=f"/runs/{run.pk}/",
    )


def _find(person: Person, text: str) -> str:
    from eap.run_queries import access_run

    return str(access_run(person, text).pk)


def _hidden_from(person: Person) -> QuerySet[Any, Any] | None:
    hidden = hidden_incidents(person)
    if hidden is None:
        return None
    runs = Run.objects.filter(incident__in=hidden).order_by()
    subject = Concat(Value("run:"), Cast("pk", CharField()), output_field=CharField())
    return runs.annotate(of_pages=subject).values_list("of_pages", flat=True)


def _join(run_id: str) -> int:
    run = Run.objects.select_for_update(no_key=True, of=("self",)).select_related("incident").filter(pk=run_id).first()
    if run is None:
        raise NotFound("There is no such run.")
    if not run.is_open:
        raise IllegalMove("This run has ended; nobody is paged about it any more.")
    return run.incident.severity if run.incident is not None else DEFAULT_SEVERITY


KIND: Final = SubjectKind(kind="run", words_of=words_of, duty=DUTY, of_page=words_of_page)
DOOR: Final = SubjectDoor(kind="run", find=_find, hidden_from=_hidden_from, join=_join)
