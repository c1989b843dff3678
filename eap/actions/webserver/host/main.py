"""Where the program begins: one request, one answer. Lines of the log, facts, and at last a sentence."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from eap.actions.webserver.host import after, before, twelve
from eap.actions.webserver.host.backup import back_up
from eap.actions.webserver.host.disk import locked, private_folder, require_closed
from eap.actions.webserver.host.journal import STEPS, Journal, Places, begin_alone
from eap.actions.webserver.host.request import Request, read_request
from eap.actions.webserver.host.trial import try_restore
from eap.actions.webserver.host.trouble import FAILED, PASSING, Trouble, say, spoken, state, stated

Step = Callable[[Request, Places, Journal], str]
DOES: Mapping[str, Step] = {
    "choose": before.choose,
    "space": before.space,
    "checksum": before.checksum,
    "safety": before.safety,
    "copy": twelve.copy,
    "unpack": twelve.unpack,
    "delete_archive": twelve.delete_archive,
    "stop": twelve.stop,
    "database": twelve.restore,
    "mark": twelve.mark,
    "delete_dump": twelve.delete_dump,
    "extract": twelve.unpack_site,
    "delete_inner": twelve.delete_inner,
    "replace": twelve.replace,
    "delete_temp": twelve.delete_temp,
    "start": twelve.start,
    "check": after.check,
}
ALWAYS = frozenset({"space", "checksum", "stop", "start", "check"})
"""Steps that look anew even when they were done: the world may have moved on, and a second time does no harm."""


def main(given: Mapping[str, Any]) -> int:
    """Carry out a request and return the exit status; the last line said is the sentence that people read."""
    os.umask(0o077)
    spoken.clear()
    stated.clear()
    request = read_request(given)
    _ping(request, "/start", "")
    try:
        sentence, status, end = _answer(request), 0, ""
    except Trouble as trouble:
        sentence, status, end = trouble.sentence, PASSING if trouble.passing else FAILED, "/fail"
    except OSError as error:
        sentence = f"The host refused: {error.strerror or type(error).__name__} ({error.filename or 'no file'})."
        status, end = FAILED, "/fail"
    _ping(request, end, sentence)
    say(sentence)
    return status


def _answer(request: Request) -> str:
    if request.verb == "backup":
        return back_up(request)
    if request.verb == "test":
        return try_restore(request)
    require_closed(request.site.parent)
    places = Places(request.site, request.run)
    private_folder(places.base)
    with locked(places.base / "lock", seconds=max(5.0, request.seconds / 2)):
        journal = Journal(places)
        if request.verb == "undo":
            return after.undo(request, places, journal)
        return _step(request, places, journal)


def _step(request: Request, places: Places, journal: Journal) -> str:
    step = request.step
    if journal.done(step) and step not in ALWAYS:
        for name, value in journal.facts(step).items():
            state(name, value)
        say("This was done before.")
        return journal.done(step)
    journal.require_before(step)
    if STEPS.index("stop") <= STEPS.index(step) < STEPS.index("check"):
        begin_alone(places, request.run)
    sentence = DOES[step](request, places, journal)
    journal.finish(step, sentence, stated)
    return sentence


def _ping(request: Request, end: str, sentence: str) -> None:
    """Tell the heartbeat how it goes; what can't be told is said and changes nothing: a silent job is noticed there."""
    if not request.heartbeat.startswith(("https://", "http://")):
        return
    body = "\n".join([*spoken[-10:], sentence]).encode()
    try:
        with urllib.request.urlopen(request.heartbeat.rstrip("/") + end, data=body, timeout=10) as answer:  # noqa: S310 - checked by the inputs
            answer.read(1_000)
    except (OSError, ValueError) as error:
        say(f"The heartbeat could not be told ({type(error).__name__}).")


def run(text: bytes) -> None:
    """Carry out the request that came by standard input, and end."""
    status = main(json.loads(text))
    # Not by sys.exit: it would complain of a listener that is gone.
    os._exit(status)
