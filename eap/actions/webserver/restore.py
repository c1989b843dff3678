"""Restore a web server from its backup, one step at a time: what comes before, the twelve, what comes after."""

from __future__ import annotations

from typing import ClassVar, Final

from eap.actions.base import Action, Effects, Preview, Result, Surroundings
from eap.actions.webserver.calling import call
from eap.actions.webserver.inputs import RestoreInputs

LOOKS: Final = frozenset({"choose", "space", "checksum", "check"})
"""Steps that leave nothing but a note of what they saw."""
WOULD: Final = {
    "choose": "choose {archive} of {archives} as the restore point",
    "space": "look whether there is room for what the archive unpacks to, three times",
    "checksum": "compare the archive's checksum with the one of when it was made",
    "safety": "dump the present database {database} and prove that {root} can be set aside",
    "copy": "copy the archive to a folder beside {root}",
    "unpack": "decrypt the archive and read all that it holds",
    "delete_archive": "delete the copied archive",
    "stop": "stop the web server",
    "database": "overwrite the database {database} from the dump",
    "mark": "record the restore in the database {database}",
    "delete_dump": "delete the dump",
    "extract": "extract the site's files beside {root}",
    "delete_inner": "delete the nested archive",
    "replace": "set {root} aside and put the restored files into its place",
    "delete_temp": "delete the temporary folder",
    "start": "start the web server and have the database read its configuration anew",
    "check": "compare files, rows and what the web server answers with the archive",
}


class Restore(Action[RestoreInputs]):
    """Each step looks on the host what is done already, so it may be repeated after a crash at any moment."""

    name: ClassVar[str] = "webserver-restore"
    title: ClassVar[str] = "Restore a web server from its backup"
    inputs: ClassVar[type[RestoreInputs]] = RestoreInputs
    effects: ClassVar[Effects] = "idempotent"
    can_undo: ClassVar[bool] = True

    def effects_of(self, inputs: RestoreInputs) -> Effects:
        """The steps that look change nothing."""
        return "pure" if inputs.step in LOOKS else "idempotent"

    def plan(self, inputs: RestoreInputs, around: Surroundings) -> Preview:
        """Say what the step would do where."""
        site = inputs.site
        what = WOULD[inputs.step].format(
            root=site.root,
            archives=site.archives,
            archive=inputs.archive or f"the newest archive of {site.name}",
            database=site.database.name or "(none)",
        )
        host = "this machine" if site.where == "local" else around.target.name if around.target else "each host"
        return Preview(sentence=f"Would {what}, on {host}.")

    def apply(self, inputs: RestoreInputs, around: Surroundings) -> Result:
        """Carry out the step."""
        return self._call(inputs, around, verb="restore")

    def verify(self, inputs: RestoreInputs, around: Surroundings) -> Result:
        """Compare the site with its archive."""
        return self._call(inputs.model_copy(update={"step": "check"}), around, verb="restore")

    def undo(self, inputs: RestoreInputs, around: Surroundings) -> Result:
        """Take the step back, as long as the database was not overwritten."""
        return self._call(inputs, around, verb="undo")

    def _call(self, inputs: RestoreInputs, around: Surroundings, *, verb: str) -> Result:
        return call(
            inputs.site,
            around,
            verb=verb,
            step=inputs.step,
            archive=inputs.archive,
            sha256=inputs.sha256,
            must_dump=inputs.must_dump,
            web=inputs.web,
            address=inputs.address,
            page=inputs.page,
            limits=inputs.limits,
        )
