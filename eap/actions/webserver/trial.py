"""Try a restore in a scratch place: a backup that was never restored is a hope."""

from __future__ import annotations

from typing import ClassVar

from eap.actions.base import Action, Effects, Preview, Result, Surroundings
from eap.actions.texts import with_secrets
from eap.actions.webserver.calling import call
from eap.actions.webserver.inputs import TrialInputs


class Trial(Action[TrialInputs]):
    """Restores into a folder and a database made for it, compares with the manifest, and leaves nothing behind."""

    name: ClassVar[str] = "webserver-restore-test"
    title: ClassVar[str] = "Try to restore a web server in a scratch place"
    inputs: ClassVar[type[TrialInputs]] = TrialInputs
    effects: ClassVar[Effects] = "idempotent"

    def plan(self, inputs: TrialInputs, around: Surroundings) -> Preview:  # noqa: ARG002 - nothing is asked of the host
        """Say what would be tried where."""
        archive = inputs.archive or f"the newest archive of {inputs.site.name}"
        return Preview(sentence=f"Would restore {archive} below {inputs.scratch}, compare it, and remove it again.")

    def apply(self, inputs: TrialInputs, around: Surroundings) -> Result:
        """Try it. Called again after a crash, it first removes what was left behind."""
        return call(
            inputs.site,
            around,
            verb="test",
            archive=inputs.archive,
            scratch=inputs.scratch,
            scratch_database=inputs.database,
            oldest_hours=inputs.oldest_hours,
            heartbeat=with_secrets(inputs.heartbeat, around),
            limits=inputs.limits,
            folders=(inputs.scratch,),
        )
