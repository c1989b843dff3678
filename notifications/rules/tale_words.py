"""The phrases of somebody's tale: how each channel is spoken of. Small letters, without a full stop."""

from __future__ import annotations

from django.utils.translation import gettext as _


def verb(channel: str, *, again: bool, kind: str) -> str:
    """Return what was done to the person: "called", "called again", "reminded by text"."""
    if kind == "reminder":
        return _("reminded by {noun}").format(noun=noun(channel))
    first = {
        "voice": (_("called"), _("called again")),
        "sms": (_("text sent"), _("text sent again")),
        "email": (_("mail sent"), _("mail sent again")),
        "push": (_("notification sent"), _("notification sent again")),
        "slack": (_("written to in Slack"), _("written to in Slack again")),
    }
    once, more = first.get(channel, (_("message sent"), _("message sent again")))
    return more if again else once


def noun(channel: str) -> str:
    """Return what a message by this channel is called."""
    nouns = {
        "voice": _("call"),
        "sms": _("text"),
        "email": _("mail"),
        "push": _("notification"),
        "slack": _("Slack message"),
        "teams": _("Teams message"),
    }
    return nouns.get(channel, _("message by {channel}").format(channel=channel))


def _name(provider: str) -> str:
    return provider.replace("_", " ").capitalize()


def instead(verb: str, *, provider: str, instead_of: str) -> str:
    """Return that another provider took over."""
    return _("{verb} by {provider} instead of {other}").format(
        verb=verb, provider=_name(provider), other=_name(instead_of)
    )


def and_then(verb: str, outcome: str) -> str:
    """Return a try and what came of it."""
    return _("{verb}: {outcome}").format(verb=verb, outcome=outcome)


def failed(result: str, channel: str, *, provider: str, code: str, detail: str) -> str:
    """Return that a provider did not take a message, or nobody knows."""
    because = f" ({code})" if code else ""
    if result == "permanent":
        return _("{noun} not possible{because}").format(noun=noun(channel), because=because or _in_brackets(detail))
    if result == "unknown":
        return _("no word from {provider}, perhaps the {noun} went out").format(
            provider=_name(provider), noun=noun(channel)
        )
    if result == "not_found":
        return _("{provider} never had the {noun}").format(provider=_name(provider), noun=noun(channel))
    return _("{provider} did not take the {noun}{because}").format(
        provider=_name(provider), noun=noun(channel), because=because
    )


def _in_brackets(detail: str) -> str:
    return f" ({detail.rstrip('.')})" if detail else ""


def no_answer() -> str:
    """Return that a phone rang and nobody picked up."""
    return _("no answer")


def busy() -> str:
    """Return that the line was busy."""
    return _("line busy")


def machine() -> str:
    """Return that a voicemail picked up."""
    return _("a machine answered")


def hung_up() -> str:
    """Return that somebody picked up and no key came."""
    return _("picked up, no key pressed")


def arrived(channel: str) -> str:
    """Return that it reached the person's device; which is no answer."""
    special = {"voice": _("picked up")}
    return special.get(channel) or _("{noun} arrived").format(noun=noun(channel))


def lost(channel: str, *, code: str) -> str:
    """Return that a network, or the other end, gave it back."""
    special = {"email": _("mail came back{because}"), "voice": _("call failed{because}")}
    sentence = special.get(channel) or _("{noun} not delivered{because}")
    return sentence.format(noun=noun(channel), because=f" ({code})" if code else "")


def withdrawn(channel: str) -> str:
    """Return that it was not needed any more and taken back."""
    return _("{noun} taken back").format(noun=noun(channel))


def held_up(channel: str, *, provider: str) -> str:
    """Return that a provider took it and passed it on to nobody."""
    return _("{provider} held the {noun} up").format(provider=_name(provider), noun=noun(channel))


def answered(word: str, *, via: str, by: str) -> str:
    """Return the person's own word, or what somebody else said for them."""
    if by:
        return _("{name} answered for them").format(name=by)
    how = {
        "voice": _("by key"),
        "sms": _("by text"),
        "email": _("by mail"),
        "push": _("in the notification"),
        "slack": _("in Slack"),
        "link": _("by link"),
        "web": _("on the web"),
        "api": _("by API"),
    }.get(via, "")
    said = _("confirmed") if word == "acknowledged" else _("said no")
    return f"{said} {how}".rstrip()


def not_sent(channel: str, *, reason: str) -> str:
    """Return that a message never left."""
    return _("{noun} not sent{because}").format(noun=noun(channel), because=_in_brackets(reason))


def follows(channel: str, *, again: bool) -> str:
    """Return what comes next, before its time."""
    if again:
        return _("another {noun} follows").format(noun=noun(channel))
    return _("{noun} follows").format(noun=noun(channel))


def waits(channel: str) -> str:
    """Return that a message is due and has not left yet."""
    return _("{noun} waits to be sent").format(noun=noun(channel))


def times(words: str, count: int) -> str:
    """Return that the same happened several times in a row."""
    return _("{words} ({count} times)").format(words=words, count=count)
