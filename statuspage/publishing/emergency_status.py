#!/usr/bin/env python3
"""Publish a status update when nothing of Muster runs: no web, no worker, no broker, no database.

It needs Python 3.8 or newer and the published folder, nothing else; it lies in that folder, as
`.emergency/emergency_status.py`. It changes the pages, the API and the feeds in place, from what was published last,
and notes what it did in `.journal/`, from where Muster takes it into its database before it publishes anything again.

    python3 .emergency/emergency_status.py . --stage investigating --name "Websites do not answer" \\
        --text "Our data centre has no power. Next word at 14:00." --component "Web hosting=major_outage"

prints the id of the incident. With it, later words follow:

    python3 .emergency/emergency_status.py . --stage resolved --incident abc123def456 --text "Power is back."
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import fcntl
import getpass
import html
import json
import os
import random
import re
import socket
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    Json = dict[str, Any]

UTC = datetime.timezone.utc  # noqa: UP017 - Python 3.8 has no datetime.UTC
STATUSES = ("operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage")
IMPACTS = ("none", "minor", "major", "critical")
OPEN = ("investigating", "identified", "monitoring")
STAGES = (*OPEN, "resolved")
LANGUAGES = ("en", "de", "fr", "es", "nl")
LONGEST_TEXT, LONGEST_NAME = 10_000, 200
ADDRESS = re.compile(r"https?://[^\s<>\"'`{}|\\^\[\]]*[^\s<>\"'`{}|\\^\[\].,;:!?)]", re.IGNORECASE)
STATE = re.compile(r'<span class="state [^"]*">.*?</span>', re.DOTALL)
TOLD = {
    "operational": ("ok", "check"),
    "under_maintenance": ("plan", "wrench"),
    "degraded_performance": ("slow", "slow"),
    "partial_outage": ("part", "warn"),
    "major_outage": ("out", "cross"),
    "investigating": ("out", "search"),
    "identified": ("part", "target"),
    "monitoring": ("plan", "pulse"),
    "resolved": ("ok", "check"),
    "All Systems Operational": ("ok", "check"),
    "Partially Degraded Service": ("slow", "slow"),
    "Degraded System Service": ("slow", "slow"),
    "Minor Service Outage": ("part", "warn"),
    "Partial System Outage": ("part", "warn"),
    "Major System Outage": ("out", "cross"),
    "Service Under Maintenance": ("plan", "wrench"),
}
COLOURS = {"ok": "#1d7a49", "slow": "#7c5000", "part": "#9a4204", "out": "#ab231b", "plan": "#2d5591"}
TONE_OF_IMPACT = {"none": "none", "minor": "slow", "major": "part", "critical": "out"}
WORDS = {
    "operational": ("Operational", "In Betrieb", "Opérationnel", "Operativo", "Operationeel"),
    "under_maintenance": ("Under maintenance", "In Wartung", "En maintenance", "En mantenimiento", "In onderhoud"),
    "degraded_performance": (
        *("Degraded performance", "Eingeschränkte Leistung", "Performances dégradées"),
        *("Rendimiento degradado", "Verminderde prestaties"),
    ),
    "partial_outage": (
        *("Partial outage", "Teilausfall", "Panne partielle", "Interrupción parcial", "Gedeeltelijke storing"),
    ),
    "major_outage": (*("Major outage", "Schwerer Ausfall", "Panne majeure", "Interrupción grave", "Grote storing"),),
    "investigating": ("Investigating", "Wird untersucht", "Analyse en cours", "Investigando", "In onderzoek"),
    "identified": ("Identified", "Ursache gefunden", "Identifié", "Identificado", "Oorzaak gevonden"),
    "monitoring": ("Monitoring", "Wird beobachtet", "Sous surveillance", "En observación", "Wordt gevolgd"),
    "resolved": ("Resolved", "Behoben", "Résolu", "Resuelto", "Opgelost"),
    "All Systems Operational": (
        *("All systems operational", "Alle Systeme in Betrieb", "Tous les systèmes sont opérationnels"),
        *("Todos los sistemas operativos", "Alle systemen operationeel"),
    ),
    "Partially Degraded Service": (
        *("Partially degraded service", "Teilweise eingeschränkter Dienst", "Service partiellement dégradé"),
        *("Servicio parcialmente degradado", "Gedeeltelijk verminderde dienst"),
    ),
    "Degraded System Service": (
        *("Degraded system service", "Eingeschränkter Dienst", "Service dégradé"),
        *("Servicio degradado", "Verminderde dienst"),
    ),
    "Minor Service Outage": (
        *("Minor service outage", "Kleiner Ausfall", "Panne mineure", "Interrupción leve", "Kleine storing"),
    ),
    "Partial System Outage": (
        *("Partial system outage", "Teilweiser Systemausfall", "Panne partielle du système"),
        *("Interrupción parcial del sistema", "Gedeeltelijke systeemstoring"),
    ),
    "Major System Outage": (
        *("Major system outage", "Schwerer Systemausfall", "Panne majeure du système"),
        *("Interrupción grave del sistema", "Grote systeemstoring"),
    ),
    "Service Under Maintenance": (
        *("Service under maintenance", "Dienst in Wartung", "Service en maintenance"),
        *("Servicio en mantenimiento", "Dienst in onderhoud"),
    ),
    "As of {}": ("As of {}", "Stand {}", "Au {}", "A las {}", "Stand {}"),
    "Updated {}": ("Updated {}", "Aktualisiert {}", "Mis à jour {}", "Actualizado {}", "Bijgewerkt {}"),
    "Open incidents": (
        *("Open incidents", "Offene Störungen", "Incidents en cours", "Incidentes abiertos", "Open incidenten"),
    ),
    "Affected": ("Affected", "Betroffen", "Concernés", "Afectados", "Getroffen"),
    "Updates": ("Updates", "Meldungen", "Mises à jour", "Actualizaciones", "Updates"),
    "Current status": ("Current status", "Aktueller Stand", "État actuel", "Estado actual", "Huidige status"),
}


class Refused(Exception):
    """What was asked for can't be done; nothing was changed. The text says why and what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Publish what the arguments say; return the exit status."""
    given = options().parse_args(arguments)
    try:
        root = Path(given.folder).resolve()
        if not (root / "generation.json").is_file():
            raise Refused(f"{root} holds no published status page (no generation.json).")  # noqa: TRY301
        with locked(root):
            words = Words(root, given)
            Publication(root, words).publish()
    except Refused as refusal:
        sys.stderr.write(f"Nothing was published: {refusal}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{error.filename or 'The folder'}: {error.strerror}. Run it as the folder's owner or root.\n")
        return 1
    sys.stdout.write(f"Published. The incident's id is {words.incident['id']} (for later words: --incident).\n")
    sys.stdout.write("Muster takes it over at its next start. Nothing more is to be done.\n")
    return 0


def options() -> argparse.ArgumentParser:
    """Return the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("folder", metavar="DIR", help="the published folder (STATUS_PUBLISH_DIR)")
    parser.add_argument("--page", default="", help="another page in it: its folder, such as pages/acme")
    parser.add_argument("--incident", help="id of an incident that customers know already")
    parser.add_argument("--name", help="name of a new incident, in the page's own language")
    parser.add_argument("--stage", required=True, choices=STAGES)
    parser.add_argument("--text", required=True, help="what customers read, in the page's own language; plain text")
    parser.add_argument(
        "--component", action="append", default=[], metavar="NAME=STATE", help=f"STATE is one of {', '.join(STATUSES)}"
    )
    for code in LANGUAGES:
        parser.add_argument(f"--text-{code}", help=argparse.SUPPRESS if code != "de" else "and in further languages")
        parser.add_argument(f"--name-{code}", help=argparse.SUPPRESS)
    parser.add_argument("--no-mail", action="store_true", help="subscribers are not told of it later on")
    parser.add_argument("--by", default="", help="who says it, for the record (default: the account and host)")
    return parser


class Words:
    """What is to be said, checked against what the page says now."""

    def __init__(self, root: Path, given: argparse.Namespace) -> None:
        self.folder = page_folder(root, given.page)
        self.api = {path.name: load(path) for path in sorted((root / self.folder / "api/v2").glob("*.json"))}
        nested = sorted((root / self.folder / "api/v2").glob("*/*.json"))
        self.api.update({f"{path.parent.name}/{path.name}": load(path) for path in nested})
        if "summary.json" not in self.api or "incidents.json" not in self.api:
            raise Refused(f"{root / self.folder} lacks its API (api/v2/summary.json).")
        self.page: Json = self.api["summary.json"]["page"]
        index = (root / self.folder / "index.html").read_text(encoding="utf-8")
        found = re.search(r'<html[^>]*\blang="([a-z]{2})', index)
        self.language = found.group(1) if found else "en"
        self.now = datetime.datetime.now(UTC)
        self.by = (given.by.strip() or whoever()).encode(errors="replace").decode()
        self.deliver = not given.no_mail
        self.stage: str = given.stage
        self.texts = {self.language: checked(given.text, "--text", LONGEST_TEXT)}
        self.names: dict[str, str] = {}
        for code in LANGUAGES:
            text, name = getattr(given, f"text_{code}"), getattr(given, f"name_{code}")
            if text:
                self.texts[code] = checked(text, f"--text-{code}", LONGEST_TEXT)
            if name:
                self.names[code] = one_line(name, f"--name-{code}")
        self.components = self.api["summary.json"]["components"]
        self.old = {each["id"]: each["status"] for each in self.components if not each["group"]}
        self.said = dict(self._component(text) for text in given.component)
        self.incident = self._known(given.incident) if given.incident else self._new(given.name)
        self.statuses = {**self.old, **self._recovered(), **self.said}
        self._speak()

    def _known(self, incident_id: str) -> Json:
        incidents: list[Json] = self.api["incidents.json"]["incidents"]
        for incident in incidents:
            if incident["id"] == incident_id:
                if incident["status"] == "postmortem":
                    raise Refused("This incident has its postmortem; begin a new one with --name.")
                return incident
        still = ", ".join(f"{each['id']} ({each['name']})" for each in incidents if each["status"] in OPEN)
        raise Refused(f"The page knows no incident {incident_id!r}. Open ones: {still or 'none'}.")

    def _new(self, name: str | None) -> Json:
        if not name:
            raise Refused("Give a new incident its --name, or say with --incident which one you mean.")
        made = "".join(random.SystemRandom().choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(12))
        return {
            "id": made,
            "name": one_line(name, "--name"),
            "status": self.stage,
            "created_at": stamp(self.now),
            "updated_at": stamp(self.now),
            "monitoring_at": None,
            "resolved_at": None,
            "impact": "none",
            "shortlink": f"{self.page['url'].rstrip('/')}/incidents/{made}.html",
            "started_at": stamp(self.now),
            "page_id": self.page["id"],
            "incident_updates": [],
            "components": [],
        }

    def _component(self, text: str) -> tuple[str, str]:
        name, _, status = text.rpartition("=")
        if status.strip() not in STATUSES or not name.strip():
            raise Refused(f"--component {text!r}: write NAME=STATE, with a state of {', '.join(STATUSES)}.")
        groups = {each["id"]: each["name"] for each in self.components if each["group"]}
        wanted, found = name.strip().casefold(), []
        for each in self.components:
            full = f"{groups[each['group_id']]} - {each['name']}" if each["group_id"] in groups else each["name"]
            if not each["group"] and wanted in (each["id"], each["name"].casefold(), full.casefold()):
                found.append((each["id"], full))
        if len(found) == 1:
            return found[0][0], status.strip()
        known = found or [(each["id"], each["name"]) for each in self.components if not each["group"]]
        listed = ", ".join(f"{full} ({pk})" for pk, full in known)
        raise Refused(f"--component {name!r} means {'several' if found else 'none'}. Take the name or id of: {listed}.")

    def _recovered(self) -> dict[str, str]:
        """Return the components that recover because the incident ends, and no other open one still says otherwise."""
        if self.stage != "resolved":
            return {}
        still = {
            component["id"]
            for other in (*self.api["incidents.json"]["incidents"], *self.api["summary.json"]["scheduled_maintenances"])
            if other["id"] != self.incident["id"] and other["status"] in (*OPEN, "in_progress", "verifying")
            for component in other["components"]
        }
        mine = [each["id"] for each in self.incident["components"] if each["id"] in self.old]
        return {pk: "operational" for pk in mine if pk not in still and self.old[pk] != "operational"}

    def _speak(self) -> None:
        """Put the update into the incident, as the API tells it."""
        incident, at = self.incident, stamp(self.now)
        changed = [pk for pk in self.statuses if self.statuses[pk] != self.old[pk] or pk in self.said]
        names = {each["id"]: each["name"] for each in self.components}
        self.changes = [
            {"code": pk, "name": names[pk], "old_status": self.old[pk], "new_status": self.statuses[pk]}
            for pk in changed
        ]
        self.update: Json = {
            "id": uuid.uuid4().hex[:12],
            "status": self.stage,
            "body": self.texts[self.language],
            "incident_id": incident["id"],
            "created_at": at,
            "updated_at": at,
            "display_at": at,
            "affected_components": self.changes or None,
            "deliver_notifications": self.deliver,
            "custom_tweet": None,
            "tweet_id": None,
        }
        incident["incident_updates"] = [self.update, *incident["incident_updates"]]
        known = {each["id"] for each in incident["components"]}
        incident["components"] += [
            dict(each) for each in self.components if each["id"] in self.said and each["id"] not in known
        ]
        incident.update(status=self.stage, updated_at=at)
        incident["resolved_at"] = (incident.get("resolved_at") or at) if self.stage == "resolved" else None
        if self.stage == "monitoring":
            incident["monitoring_at"] = at
        hit = [self.said.get(each["id"], self.old.get(each["id"], "operational")) for each in incident["components"]]
        incident["impact"] = max(incident["impact"], impact_of(hit, len(self.old)), key=IMPACTS.index)

    def text(self, language: str) -> str:
        """Return what is said in a language, else in the page's own."""
        return self.texts.get(language) or self.texts[self.language]

    def name(self, language: str) -> str:
        """Return what the incident is called."""
        return self.names.get(language) or str(self.incident["name"])

    def journal(self, entry: str) -> Json:
        """Return what Muster needs to take it over."""
        return {
            "format": 1,
            "id": entry,
            "at": self.now.isoformat(),
            "page": self.page["id"],
            "incident": self.incident["id"],
            "name": self.incident["name"],
            "names": self.names,
            "stage": self.stage,
            "texts": self.texts,
            "components": {**{pk: self.statuses[pk] for pk in self._recovered()}, **self.said},
            "deliver": self.deliver,
            "by": self.by,
        }


class Publication:
    """The files of one publication, changed one by one: each whole, the first page last."""

    def __init__(self, root: Path, words: Words) -> None:
        self.root = root
        self.words = words
        self.files: dict[str, str] = {}
        self.indicator, self.description = rollup(list(words.statuses.values()), words.incident["impact"])
        manifest = load_or_none(root / ".manifest.json")
        public = load(root / "generation.json")
        self.generation = 1 + max(int(public.get("generation", 0)), int((manifest or {}).get("generation", 0)))
        self.manifest = manifest

    def publish(self) -> None:
        """Write the journal first: from then on nothing of it can be lost."""
        words, folder = self.words, self.words.folder
        self._api()
        languages = [code for code in LANGUAGES if (self.root / folder / code / "index.html").is_file()]
        places = [(words.language, folder), *((code, f"{folder}{code}/") for code in languages)]
        for language, place in places:
            self._incident_page(language, place)
        self._feeds()
        self._badges()
        for language, place in reversed(places):
            self._front(language, place)
        entry = f"{words.now:%Y%m%dT%H%M%S%f}Z-{uuid.uuid4().hex[:12]}"
        self._write(f".journal/{entry}.json", json.dumps(words.journal(entry), ensure_ascii=False, indent=1))
        for path, text in self.files.items():
            self._write(path, text)
        self._write_manifest()

    def _api(self) -> None:
        words = self.words
        incident, unresolved = words.incident, words.stage in OPEN
        for name, body in words.api.items():
            body["page"]["updated_at"] = stamp(words.now)
            if "status" in body:
                body["status"] = {"indicator": self.indicator, "description": self.description}
            if "incidents" in body:
                others = [each for each in body["incidents"] if each["id"] != incident["id"]]
                shown = unresolved or name == "incidents.json"
                body["incidents"] = ([incident, *others] if shown else others)[:50]
            self._set_statuses(body)
            self.files[f"{words.folder}api/v2/{name}"] = json.dumps(body, ensure_ascii=False)

    def _set_statuses(self, body: Any) -> None:
        """Give every component in the answer its state, wherever it stands."""
        statuses = self.words.statuses
        if isinstance(body, list):
            for each in body:
                self._set_statuses(each)
        elif isinstance(body, dict):
            if body.get("group") is True:
                members = [statuses[pk] for pk in body.get("components", ()) if pk in statuses]
                body["status"] = max(members, key=STATUSES.index, default="operational")
            elif "group" in body and statuses.get(body["id"], body["status"]) != body["status"]:
                body.update(status=statuses[body["id"]], updated_at=stamp(self.words.now))
            for each in body.values():
                self._set_statuses(each)

    def _front(self, language: str, place: str) -> None:
        words = self.words
        page = (self.root / place / "index.html").read_text(encoding="utf-8")
        page = self._fresh(page)
        tone, icon = TOLD[self.description]
        page = between(
            page,
            "banner",
            f'<section class="banner {tone}" aria-labelledby="overall">{drawn(icon)}<div><h1 id="overall">'
            f"{word(self.description, language)}</h1><p>{word('As of {}', language).format(clock(words.now))}</p></div>"
            "</section>",
        )
        cards = [
            self._card(each, language) for each in words.api["summary.json"]["incidents"] if each["status"] in OPEN
        ]
        heading = f'<h2 id="open-title" class="unseen">{word("Open incidents", language)}</h2>'
        listed = f'<section aria-labelledby="open-title">{heading}{"".join(cards)}</section>' if cards else ""
        page = between(page, "incidents", listed)
        for pk, status in words.statuses.items():
            page = set_component(page, pk, status, language)
        for group in words.components:
            if group["group"]:
                members = [words.statuses[pk] for pk in group["components"] if pk in words.statuses]
                worst = max(members, key=STATUSES.index, default="operational")
                page = set_group(page, group["components"], worst, language)
        page = re.sub(
            r"(<title>[^<]*: )[^<:]*(</title>)", rf"\g<1>{word(self.description, language)}\g<2>", page, count=1
        )
        self.files[f"{place}index.html"] = page

    def _card(self, incident: Json, language: str) -> str:
        newest = incident["incident_updates"][0]
        mine = incident["id"] == self.words.incident["id"]
        text = self.words.text(language) if mine else newest["body"]
        name = self.words.name(language) if mine else incident["name"]
        hit = "".join(
            f"<li><span>{html.escape(each['name'])}</span> {told(each['status'], language)}</li>"
            for each in incident["components"]
            if each["status"] != "operational"
        )
        affected = f'<ul class="affected" aria-label="{word("Affected", language)}">{hit}</ul>' if hit else ""
        return (
            f'<article class="incident {TONE_OF_IMPACT.get(incident["impact"], "none")}"'
            f' aria-labelledby="i-{incident["id"]}"><header><h3 id="i-{incident["id"]}">'
            f'<a href="incidents/{incident["id"]}.html">{html.escape(name)}</a></h3>'
            f'{told(incident["status"], language)}</header><div class="said">{paragraphs(text)}</div>'
            f'<p class="when">{word("Updated {}", language).format(moment(parsed(newest["display_at"])))}</p>'
            f"{affected}</article>"
        )

    def _incident_page(self, language: str, place: str) -> None:
        path = f"{place}incidents/{self.words.incident['id']}.html"
        if (self.root / path).is_file():
            page = (self.root / path).read_text(encoding="utf-8")
            stage = told(self.words.stage, language)
            page = re.sub(
                r'(<p class="facts">\s*)' + STATE.pattern,
                lambda found: found[1] + stage,
                page,
                count=1,
                flags=re.DOTALL,
            )
            for change in self.words.changes:
                row = re.compile(
                    rf'(components/{re.escape(change["code"])}\.html">[^<]*</a></th>\s*<td>\s*)' + STATE.pattern,
                    re.DOTALL,
                )
                state = told(change["new_status"], language)
                page = row.sub(before(state), page, count=1)
            page = page.replace('<ol class="updates">', f'<ol class="updates">{self._update(language)}', 1)
        else:
            page = self._new_page(language, place)
        self.files[path] = self._fresh(page)

    def _new_page(self, language: str, place: str) -> str:
        """Return a page for a new incident, in the frame of the first page."""
        words = self.words
        frame = (self.root / place / "index.html").read_text(encoding="utf-8")
        name = html.escape(words.name(language))
        article = (
            '<!--muster:incident--><article class="whole">'
            f'<p class="back"><a href="../index.html">{word("Current status", language)}</a></p><h1>{name}</h1>'
            f'<p class="facts">{told(words.stage, language)} {moment(words.now)}</p>'
            f'<section aria-labelledby="updates-title"><h2 id="updates-title">{word("Updates", language)}</h2>'
            f'<ol class="updates">{self._update(language)}</ol></section></article><!--/muster:incident-->'
        )
        frame = re.sub(
            r'\b(href|src|data-generation)="(?!https?:|mailto:|tel:|data:|[#/])([^"]*)"', r'\1="../\2"', frame
        )
        frame = re.sub(r"<title>.*?</title>", lambda _: f"<title>{name}</title>", frame, count=1, flags=re.DOTALL)
        return re.sub(
            r"(<main[^>]*>).*(</main>)", lambda found: found[1] + article + found[2], frame, count=1, flags=re.DOTALL
        )

    def _update(self, language: str) -> str:
        words = self.words
        changes = "".join(
            f"<li>{html.escape(each['name'])} {told(each['new_status'], language)}</li>" for each in words.changes
        )
        listed = f'<ul class="changes">{changes}</ul>' if changes else ""
        return (
            f'<li id="u-{words.update["id"]}"><p class="head">{told(words.stage, language)} {moment(words.now)}</p>'
            f'<div class="said">{paragraphs(words.text(language))}</div>{listed}</li>'
        )

    def _feeds(self) -> None:
        """Put the incident first in every feed, in place of what the feed said of it before."""
        words, folder = self.words, self.words.folder
        link, name = html.escape(words.incident["shortlink"]), html.escape(words.incident["name"])
        told_so_far = "".join(
            f"<p><strong>{word(each['status'], words.language)}</strong>,"
            f" {parsed(each['display_at']):%Y-%m-%d, %H:%M %Z}</p>{paragraphs(each['body'])}"
            for each in words.incident["incident_updates"]
        )
        body, at, begun = (
            html.escape(told_so_far),
            words.now,
            parsed(words.incident["incident_updates"][-1]["display_at"]),
        )
        entry = (
            f'<entry><title>{name}</title><link href="{link}" rel="alternate"/><id>{link}</id><updated>{stamp(at)}'
            f'</updated><published>{stamp(begun)}</published><summary type="html">{body}</summary></entry>'
        )
        item = (
            f"<item><title>{name}</title><link>{link}</link><description>{body}</description>"
            f"<pubDate>{begun.astimezone(UTC):%a, %d %b %Y %H:%M:%S +0000}</pubDate><guid>{link}</guid></item>"
        )
        for file, kind, mark, new in (("atom", "entry", "entries", entry), ("rss", "item", "items", item)):
            place = self.root / folder / f"history.{file}"
            if place.is_file():
                feed = place.read_text(encoding="utf-8")
                for old in re.findall(f"<{kind}>.*?</{kind}>", feed, re.DOTALL):
                    feed = feed.replace(old, "") if f">{link}<" in old else feed
                feed = re.sub("(<updated>|<lastBuildDate>)[^<]*", lambda found: self._changed(found[1]), feed, count=1)
                here = f"<!--muster:{mark}-->"
                self.files[f"{folder}history.{file}"] = feed.replace(here, here + new, 1)
        self._json_feed(told_so_far, begun)

    def _changed(self, tag: str) -> str:
        rfc822 = self.words.now.strftime("%a, %d %b %Y %H:%M:%S +0000")
        return tag + (stamp(self.words.now) if tag == "<updated>" else rfc822)

    def _json_feed(self, told_so_far: str, begun: datetime.datetime) -> None:
        words = self.words
        feed = load_or_none(self.root / words.folder / "history.json")
        if feed is None:
            return
        link = words.incident["shortlink"]
        item = {
            "id": link,
            "url": link,
            "title": words.incident["name"],
            "content_html": told_so_far,
            "date_published": stamp(begun),
            "date_modified": stamp(words.now),
        }
        feed["items"] = [item, *(each for each in feed.get("items", ()) if each.get("id") != link)]
        self.files[f"{words.folder}history.json"] = json.dumps(feed, ensure_ascii=False)

    def _badges(self) -> None:
        """Give every badge the state it stands for."""
        folder = f"{self.words.folder}badges/"
        for path in (self.root / folder).glob("*.svg"):
            key = self.description if path.stem == "overall" else self.words.statuses.get(path.stem)
            if key is not None:
                said, colour = word(key, self.words.language), COLOURS[TOLD[key][0]]
                badge = path.read_text(encoding="utf-8")
                for pattern, new in (
                    (r'(aria-label="[^"]*: )[^":]*', said),
                    (r"(<title>[^<]*: )[^<:]*", said),
                    (r'(<rect x="[^>]*fill=")[^"]*', colour),
                    (r"(.*<text[^>]*>)[^<]*", said),
                ):
                    badge = re.sub(pattern, before(new), badge, count=1, flags=re.DOTALL)
                self.files[f"{folder}{path.name}"] = badge

    def _fresh(self, page: str) -> str:
        page = re.sub(r'(<meta name="generated-at" content=")[^"]*', rf"\g<1>{stamp(self.words.now)}", page, count=1)
        return re.sub(r'(<meta name="generation" content=")[^"]*', rf"\g<1>{self.generation}", page, count=1)

    def _write_manifest(self) -> None:
        """Say that the folder is newer than before, and that Muster has to write these files again."""
        if self.manifest is not None:
            listed = self.manifest.setdefault("files", {})
            for path, text in self.files.items():
                _, _, kind, phase, _ = listed.get(path, ["", 0, "text/html; charset=utf-8", 1, ""])
                listed[path] = ["", len(text.encode()), kind, phase, ""]
            self.manifest.update(generation=self.generation, generated_at=self.words.now.isoformat(), held=False)
            self._write(
                ".manifest.json", json.dumps(self.manifest, ensure_ascii=False, separators=(",", ":")), mode=0o600
            )
        files = len((self.manifest or {}).get("files", self.files))
        said = {"generation": self.generation, "generated_at": self.words.now.isoformat(), "files": files}
        self._write("generation.json", json.dumps({**said, "by": "emergency"}))

    def _write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Replace a file in one step, on the disk before it is in its place; it belongs to the folder's owner."""
        place, owner = self.root / path, self.root.stat()
        private = path.startswith(".")
        missing = [each for each in (place.parent, *place.parent.parents) if not each.exists()]
        for folder in reversed(missing):
            folder.mkdir()
            folder.chmod(0o700 if private else 0o755)
            give(folder, owner)
        temporary = place.with_name(f".{uuid.uuid4().hex}")
        with temporary.open("wb") as file:
            os.fchmod(file.fileno(), 0o600 if private else mode)
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        give(temporary, owner)
        with contextlib.suppress(FileNotFoundError):
            # An old compressed copy would be handed out instead.
            place.with_name(f"{place.name}.gz").unlink()
        temporary.replace(place)


def whoever() -> str:
    """Name the account and host, for the record."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError, ImportError):  # an account without a name, as in containers
        account = str(os.getuid())
    return f"{account}@{socket.gethostname()}"


def give(path: Path, owner: os.stat_result) -> None:
    """Let the folder's owner have what root made."""
    if os.geteuid() == 0:
        os.chown(path, owner.st_uid, owner.st_gid)


@contextlib.contextmanager
def locked(root: Path) -> Iterator[None]:
    """Be the only one who writes here, and wait for another one who does."""
    with (root / ".lock").open("a", encoding="utf-8") as lock:
        give(root / ".lock", root.stat())
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def page_folder(root: Path, given: str) -> str:
    """Return the folder of a page, "" or with a slash at its end."""
    folder = given.strip("/")
    if not folder:
        return ""
    if any(part.startswith(".") for part in folder.split("/")) or not (root / folder / "api/v2/summary.json").is_file():
        raise Refused(f"--page {given}: there is no page of that name in {root}.")
    return f"{folder}/"


def load(path: Path) -> Json:
    """Return the JSON object in a file."""
    found = load_or_none(path)
    if found is None:
        raise Refused(f"{path} can't be read as JSON.")
    return found


def load_or_none(path: Path) -> Json | None:
    """Return the JSON object in a file, None where there is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def checked(text: str, option: str, longest: int) -> str:
    """Return a text without control characters; refuse an empty or too long one."""
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", text.replace("\r\n", "\n")).strip()
    if re.search("[\ud800-\udfff]", text):
        raise Refused(f"{option} is not UTF-8. Set the terminal to UTF-8, or write it without accents.")
    if not text:
        raise Refused(f"{option} is empty. Say what customers should know.")
    if len(text) > longest:
        raise Refused(f"{option} is longer than {longest} characters.")
    return text


def one_line(text: str, option: str) -> str:
    """Return a name."""
    return checked(re.sub(r"\s+", " ", text), option, LONGEST_NAME)


def impact_of(statuses: list[str], shown: int) -> str:
    """Return the impact, as Muster counts it."""
    major = statuses.count("major_outage")
    if major and major >= shown:
        return "critical"
    if major or "partial_outage" in statuses:
        return "major"
    return "minor" if "degraded_performance" in statuses else "none"


def rollup(statuses: list[str], impact: str) -> tuple[str, str]:  # noqa: PLR0911 - a table with an order
    """Return indicator and description of the whole page, as Muster tells them."""
    found = set(statuses)
    if not found:
        by_impact = {
            "minor": "Minor Service Outage",
            "major": "Partial System Outage",
            "critical": "Major System Outage",
        }
        return (impact, by_impact[impact]) if impact in by_impact else ("none", "All Systems Operational")
    if found == {"major_outage"}:
        return "critical", "Major System Outage"
    if "major_outage" in found or found == {"partial_outage"}:
        return "major", "Partial System Outage"
    if "partial_outage" in found:
        return "minor", "Minor Service Outage"
    if found == {"degraded_performance"}:
        return "minor", "Degraded System Service"
    if "degraded_performance" in found:
        return "minor", "Partially Degraded Service"
    if "under_maintenance" in found:
        return "maintenance", "Service Under Maintenance"
    return "none", "All Systems Operational"


def between(page: str, mark: str, body: str) -> str:
    """Return the page with other contents between a pair of marks."""
    whole = re.compile(f"(<!--muster:{mark}-->).*?(<!--/muster:{mark}-->)", re.DOTALL)
    if not whole.search(page):
        raise Refused(f"The published page lacks its mark “{mark}”; it was not made by this version of Muster.")
    return whole.sub(lambda found: f"{found[1]}\n{body}\n{found[2]}", page, count=1)


def set_component(page: str, pk: str, status: str, language: str) -> str:
    """Return the page with another state in a component's row."""
    row = re.compile(rf'(<li class="component" id="c-{re.escape(pk)}">.*?)' + STATE.pattern, re.DOTALL)
    return row.sub(lambda found: found[1] + told(status, language), page, count=1)


def set_group(page: str, members: list[str], status: str, language: str) -> str:
    """Return the page with another state in the heading over these components."""
    inside = next((at for at in (page.find(f'id="c-{pk}"') for pk in members) if at > 0), -1)
    start = page.rfind('<details class="group"', 0, max(inside, 0))
    end = page.find("</summary>", start)
    if inside < 0 or start < 0 or end < 0:
        return page
    heading = STATE.sub(lambda _: told(status, language), page[start:end], count=1)
    if status != "operational":
        heading = re.sub(r'<details class="group"\s*>', '<details class="group" open>', heading, count=1)
    return page[:start] + heading + page[end:]


def before(text: str) -> Callable[[re.Match[str]], str]:
    """Return what `re.sub` asks: the pattern's first group stays, and `text` follows it."""
    return lambda found: found[1] + text


def word(key: str, language: str) -> str:
    """Return a fixed word in a language of the page, else in English."""
    return WORDS[key][LANGUAGES.index(language) if language in LANGUAGES else 0]


def told(key: str, language: str) -> str:
    """Draw a state: icon, word and colour together."""
    tone, icon = TOLD.get(key, ("none", "note"))
    said = word(key, language) if key in WORDS else html.escape(key)
    return f'<span class="state {tone}">{drawn(icon)}{said}</span>'


def drawn(icon: str) -> str:
    """Draw an icon of the page's own sheet."""
    return f'<svg class="icon" aria-hidden="true"><use href="#i-{icon}"></use></svg>'


def paragraphs(text: str) -> str:
    """Return plain text as paragraphs; web addresses become links."""
    parts = [part for part in re.split(r"\n[^\S\n]*\n\s*", text) if part]
    return "".join(f"<p>{linked(part)}</p>" for part in parts)


def linked(text: str) -> str:
    """Return a paragraph's text with its links."""
    pieces, done = [], 0
    for found in ADDRESS.finditer(text):
        address = html.escape(found.group())
        pieces += [
            html.escape(text[done : found.start()]),
            f'<a href="{address}" rel="nofollow noopener">{address}</a>',
        ]
        done = found.end()
    return "".join([*pieces, html.escape(text[done:])]).replace("\n", "<br>")


def stamp(at: datetime.datetime) -> str:
    """Write a time as the API does."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parsed(text: str) -> datetime.datetime:
    """Read a time of the API, also with a Python that knows no `Z`."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def moment(at: datetime.datetime) -> str:
    """Tell date and time; the page's script tells it in the reader's zone."""
    utc = at.astimezone(UTC)
    return f'<time datetime="{stamp(utc)}" data-as="moment">{utc:%Y-%m-%d, %H:%M} UTC</time>'


def clock(at: datetime.datetime) -> str:
    """Tell the time of day."""
    utc = at.astimezone(UTC)
    return f'<time datetime="{stamp(utc)}" data-as="clock">{utc:%H:%M} UTC</time>'


if __name__ == "__main__":
    sys.exit(main())
