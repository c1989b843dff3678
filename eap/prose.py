"""What people write in Markdown, as HTML that can hold nothing but text, lists, code and links."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

TAGS: Final = {"p", "ul", "ol", "li", "strong", "em", "code", "pre", "a", "br", "blockquote", "h3", "h4", "hr"}
_LOWERED: Final = {"h1": "h3", "h2": "h3", "h5": "h4", "h6": "h4"}
"""A page has one headline and sections of its own; what people write stands below them."""


@lru_cache(maxsize=1_024)
def html_of(text: str) -> SafeString:
    """Return the HTML of a text in Markdown. HTML in it shows as text; links go to http, https, tel and mail only."""
    import nh3

    if not text.strip():
        return mark_safe("")
    clean = nh3.clean(
        _writer().render(text),
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )
    return mark_safe(clean)  # noqa: S308  (nh3 has just cleaned it)


@lru_cache(maxsize=1)
def _writer() -> MarkdownIt:
    from markdown_it import MarkdownIt

    writer = MarkdownIt("commonmark", {"html": False, "breaks": True})

    def lowered(tokens: list, index: int, options: object, _env: object) -> str:  # type: ignore[type-arg]
        token = tokens[index]
        token.tag = _LOWERED.get(token.tag, token.tag)
        return str(writer.renderer.renderToken(tokens, index, options, {}))  # type: ignore[attr-defined]

    writer.add_render_rule("heading_open", lambda _self, *given: lowered(*given))
    writer.add_render_rule("heading_close", lambda _self, *given: lowered(*given))
    return writer
