"""TwiML read into verbs. Elements and attributes that mean nothing here become warnings, never errors."""

import re
from dataclasses import dataclass, field
from xml.etree import ElementTree

SPACE = re.compile(r"\s+")
KNOWN = frozenset(
    {"Say", "Play", "Pause", "Gather", "Redirect", "Hangup", "Reject", "Dial", "Message", "Record", "Leave"}
)
INSIDE_GATHER = frozenset({"Say", "Play", "Pause"})


class NotTwiML(Exception):
    """The document can't be read; Twilio's codes are 12100 (no XML) and 12200 (not a Response)."""


@dataclass(frozen=True, kw_only=True)
class Verb:
    """One instruction: its name, attributes, text with spaces collapsed, and nested instructions."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    inside: tuple["Verb", ...] = ()

    def seconds(self, name: str, default: float) -> float:
        """A duration of the attribute; the default where it is absent or no number (`auto`)."""
        try:
            return max(0.0, float(self.attributes.get(name, default)))
        except ValueError:
            return default


@dataclass(frozen=True, kw_only=True)
class Document:
    verbs: tuple[Verb, ...]
    warnings: tuple[str, ...]


def read(text: str) -> Document:
    """The instructions of a document. Raises NotTwiML."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise NotTwiML("12100 Document parse failure: a document type is not allowed")
    try:
        root = ElementTree.fromstring(text.strip())  # noqa: S314  entities, the danger, need the refused DOCTYPE
    except ElementTree.ParseError as error:
        raise NotTwiML(f"12100 Document parse failure: {error}") from error
    if root.tag != "Response":
        raise NotTwiML(f"12200 Schema validation: the root is {root.tag}, not Response")
    warnings: list[str] = []
    verbs = tuple(_verb(element, warnings=warnings) for element in root if _usable(element))
    warnings += [
        f"12200 Schema validation: {verb.name} is not known and was passed over"
        for verb in verbs
        if verb.name not in KNOWN
    ]
    return Document(verbs=tuple(verb for verb in verbs if verb.name in KNOWN), warnings=tuple(warnings))


def sentences(text: str) -> str:
    """What an inline document would say, one line per Say; empty if it can't be read."""
    try:
        document = read(text)
    except NotTwiML:
        return ""
    said: list[str] = []
    for verb in document.verbs:
        said += [inner.text for inner in (verb, *verb.inside) if inner.name == "Say"]
    return "\n".join(said)


def _usable(element: ElementTree.Element) -> bool:
    return isinstance(element.tag, str)


def _verb(element: ElementTree.Element, *, warnings: list[str]) -> Verb:
    inner = [child for child in element if _usable(child)]
    if element.tag == "Gather":
        warnings += [
            f"12200 Schema validation: {child.tag} may not stand inside Gather"
            for child in inner
            if child.tag not in INSIDE_GATHER
        ]
        inner = [child for child in inner if child.tag in INSIDE_GATHER]
    # Say carries SSML (break, emphasis); what is spoken is all text inside.
    text = "".join(element.itertext()) if element.tag in {"Say", "Message"} else (element.text or "")
    nested = () if element.tag == "Say" else tuple(_verb(child, warnings=warnings) for child in inner)
    return Verb(name=element.tag, attributes=dict(element.attrib), text=SPACE.sub(" ", text).strip(), inside=nested)
