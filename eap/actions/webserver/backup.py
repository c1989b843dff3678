"""Back up a web server: dump and files, nested in one encrypted archive."""

from __future__ import annotations

from typing import ClassVar

from eap.actions.base import Action, Effects, Preview, Result, Surroundings
from eap.actions.texts import with_secrets
from eap.actions.webserver.calling import call
from eap.actions.webserver.inputs import BackupInputs


class Backup(Action[BackupInputs]):
    """Makes one archive, whole or not at all, and removes the oldest ones beyond `keep`."""

    name: ClassVar[str] = "webserver-backup"
    title: ClassVar[str] = "Back up a web server"
    inputs: ClassVar[type[BackupInputs]] = BackupInputs
    effects: ClassVar[Effects] = "idempotent"

    def plan(self, inputs: BackupInputs, around: Surroundings) -> Preview:  # noqa: ARG002 - nothing is asked of the host
        """Say what would be backed up where."""
        site = inputs.site
        what = f"{site.root} and its database {site.database.name}" if site.database.name else site.root
        return Preview(sentence=f"Would back up {what} into {site.archives} and keep the newest {inputs.keep}.")

    def apply(self, inputs: BackupInputs, around: Surroundings) -> Result:
        """Make the backup. Called again after a crash, it makes a new one; what was left unfinished is removed."""
        return call(
            inputs.site, around, verb="backup", keep=inputs.keep, heartbeat=with_secrets(inputs.heartbeat, around)
        )
