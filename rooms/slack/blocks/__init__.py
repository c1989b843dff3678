"""Slack's Block Kit, typed: what people wrote goes in as data, and nothing leaves beyond Slack's limits."""

from __future__ import annotations

from rooms.slack.blocks.elements import Option, button, options_select, users_select
from rooms.slack.blocks.inputs import checkbox_input, select_input, text_input, users_input
from rooms.slack.blocks.parts import Block, actions, context, divider, header, section
from rooms.slack.blocks.surfaces import Message, home, message, modal
from rooms.slack.blocks.text import Markup, bold, clip, escape, italic, joined, lines, link, mention, moment, quote

__all__ = [
    "Block",
    "Markup",
    "Message",
    "Option",
    "actions",
    "bold",
    "button",
    "checkbox_input",
    "clip",
    "context",
    "divider",
    "escape",
    "header",
    "home",
    "italic",
    "joined",
    "lines",
    "link",
    "mention",
    "message",
    "modal",
    "moment",
    "options_select",
    "quote",
    "section",
    "select_input",
    "text_input",
    "users_input",
    "users_select",
]
