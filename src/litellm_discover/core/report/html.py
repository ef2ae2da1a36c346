"""Markup, and text that cannot become markup."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from litellm_discover.core.ids import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

# An id has at most 256 characters, and a message is a sentence or two.
_MAX_TEXT = 600


class Html(str):
    """Markup of our own making. Any other string is text."""

    __slots__ = ()


def text(value: str) -> Html:
    """A string as text for an element or an attribute, with escapes for what displays as nothing or turns it around."""
    return value if isinstance(value, Html) else _escaped(value)


# Not for markup: a text that is spelled like it is equal to it.
@lru_cache(maxsize=4096)
def _escaped(value: str) -> Html:
    return Html(escape(printable(value, _MAX_TEXT)))


def tag(name: str, *inside: str, **attributes: str | None) -> Html:
    """An element. An attribute that is None is left out; ``class_`` stands for class and ``_`` for a dash."""
    return Html(f"{start(name, **attributes)}{''.join(map(text, inside))}</{name}>")


def start(name: str, **attributes: str | None) -> Html:
    """The beginning of an element, or an element that has no end."""
    said = (
        f' {key.removesuffix("_").replace("_", "-")}="{text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{''.join(said)}>")


def joined(parts: Iterable[str], between: str = "") -> Html:
    """Parts one after the other, with white space of ours between them; those that are no markup are text."""
    return Html(between.join(map(text, parts)))
