"""What pages can be about. The floor above owns the subject and registers here how to speak of it.

Ledger and screens know a page's subject as `"<kind>:<id>"`, such as `"incident:0f3c…"`. A page without one stands
alone and speaks for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from engine import wake

if TYPE_CHECKING:
    from notifications.models import Page


@dataclass(frozen=True, kw_only=True, slots=True)
class SubjectWords:
    """How a subject reads: `title` on screens and in mail, `short` in an SMS, `spoken` on the phone, `path` on the web.

    `short` and `spoken` start with what matters most, such as "SEV1 1042: Database server down" and
    "severity 1, incident 1 0 4 2. Database server down". `path` is absolute within the site: "/incidents/1042/".
    """

    title: str
    short: str
    spoken: str
    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SubjectKind:
    """One kind of subject: `words_of` answers for an id (None: it is gone); `duty` is woken by news of its pages.

    The news themselves are `PageRecheck` rows, which that duty drains. Where pages about one subject ask for different
    things, `of_page` answers for the page as well.
    """

    kind: str
    words_of: Callable[[str], SubjectWords | None]
    duty: str
    of_page: Callable[[Page, str], SubjectWords | None] | None = None


class Subjects:
    """The registry of subject kinds, filled in `AppConfig.ready`."""

    def __init__(self) -> None:
        self._kinds: dict[str, SubjectKind] = {}

    def register(self, kind: SubjectKind) -> None:
        """Add a kind; a second one of the same name is a mistake."""
        if self._kinds.setdefault(kind.kind, kind) != kind:
            raise ValueError(f"Two subject kinds are called {kind.kind!r}.")

    def words_of(self, page: Page) -> SubjectWords:
        """Return how to speak of a page's subject, or of the page itself where it stands alone."""
        kind, _, id_ = page.subject.partition(":")
        registered = self._kinds.get(kind)
        words = None
        if registered is not None:
            words = registered.of_page(page, id_) if registered.of_page else registered.words_of(id_)
        return words or SubjectWords(title=page.title, short=page.title, spoken=page.title, path=f"/pages/{page.pk}/")

    def wake_after_commit(self, subjects: Iterable[str]) -> None:
        """Wake, after the commit, the duties that look at these subjects' news."""
        kinds = {subject.partition(":")[0] for subject in subjects}
        duties = sorted({self._kinds[kind].duty for kind in kinds if kind in self._kinds})
        if duties:
            wake.after_commit(*duties)


subjects: Final = Subjects()
