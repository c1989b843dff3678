"""Call the program on the web server, or here: the request goes in by standard input, secrets put in at the last
moment; what it says comes back as log, facts and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings

from eap.actions.base import Result, Surroundings, Trouble, Unknown
from eap.actions.output import Output
from eap.actions.repeatable import run_here, run_on_host
from eap.actions.texts import with_secrets
from eap.actions.webserver.bundle import WORDS, standard_input
from eap.actions.webserver.host.trouble import FAILED, PASSING
from eap.actions.webserver.inputs import Limits, Site, Web

LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
NOT_FOUND: Final = 127
NOTHING: Final[Mapping[str, Any]] = {
    "step": "", "archive": "", "sha256": "", "keep": 1, "oldest_hours": 0, "scratch": "/", "scratch_database": False,
    "must_dump": True, "address": "", "page": "", "heartbeat": "", "web": None,
}  # fmt: skip


def call(
    site: Site,
    around: Surroundings,
    *,
    verb: str,
    limits: Limits | None = None,
    web: Web | None = None,
    folders: tuple[str, ...] = (),
    **more: Any,
) -> Result:
    """Have the program do `verb` (backup, restore, undo, test) and return what came of it.

    `folders` are further places that it touches. Raises `Trouble`: passing when the program was killed or the line
    broke, because each call may be repeated; `Stopped` with its proof.
    """
    _require_allowed(site, web, folders, str(more.get("address") or ""))
    request = {
        **NOTHING,
        **more,
        "verb": verb,
        "run": around.run_id,
        "seconds": around.timeout_s,
        "web": web.model_dump() if web else None,
        "limits": _limits(limits or Limits()),
        **_site(site, around),
    }
    output = Output(around.say)
    where = around.target.name if around.target and site.where == "host" else "this machine"
    try:
        if site.where == "local":
            status = run_here(WORDS, standard_input(request), output, around)
        else:
            status = run_on_host(WORDS, standard_input(request), site, output, around)
    except Unknown as unknown:
        raise Trouble(unknown.sentence, passing=True) from unknown
    return _read(status, output, where)


def _site(site: Site, around: Surroundings) -> dict[str, Any]:
    database = site.database
    return {
        "name": site.name,
        "site": site.root,
        "archives": site.archives,
        "database": {**database.model_dump(), "password": with_secrets(database.password, around)}
        if database.name
        else None,
        "crypt": {
            "passphrase": with_secrets(site.passphrase, around),
            "recipient_file": site.recipient_file,
            "home": site.gpg_home,
        },
    }


def _limits(limits: Limits) -> dict[str, int]:
    return {"files": limits.files, "bytes": limits.gigabytes * 10**9, "ratio": limits.ratio}


def _read(status: int, output: Output, where: str) -> Result:
    if status == 0:
        return Result(sentence=output.last or "Done.", facts=output.facts)
    if status in (FAILED, PASSING) and output.last:
        raise Trouble(output.last, passing=status == PASSING)
    if status == NOT_FOUND:
        raise Trouble(f"{where} has no python3 (3.9 or newer), which the program for web servers needs.")
    raise Trouble(f"The program on {where} was ended from outside (exit status {status}).", passing=True)


def _require_allowed(site: Site, web: Web | None, folders: tuple[str, ...], address: str) -> None:
    """Raise `Trouble` for work on this machine outside the folders that are kept for it, and for a look at others."""
    if site.where != "local":
        return
    if address and urlsplit(address).hostname not in LOOPBACK:
        raise Trouble(f"{address} is not on this machine; a local restore looks at 127.0.0.1, ::1 or localhost.")
    allowed = [Path(folder).resolve() for folder in settings.ACTION_LOCAL_DIRS]
    named = [site.root, site.archives, site.recipient_file, site.gpg_home, site.database.programs, *folders]
    if web is not None:
        named += [web.conf, web.pid_file, *([web.program] if web.program.startswith("/") else [])]
    for name in filter(None, named):
        place = Path(name).resolve()
        if not any(folder in place.parents for folder in allowed):
            raise Trouble(f"{name} lies in none of the folders of ACTION_LOCAL_DIRS, so nothing is done there.")
