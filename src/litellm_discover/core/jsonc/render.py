"""From value to text, for what is new in a file."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING

from litellm_discover.core.jsonc.values import JsonValue, Verbatim

if TYPE_CHECKING:
    from litellm_discover.core.jsonc.layout import Style

# Lone surrogates cannot be encoded; one character above U+FFFF makes Python keep the whole text in four bytes each; the
# others are invisible, or line ends to some readers.
_UNSAFE_CHARACTERS = "\ud800-\udfff\u2028\u2029\u007f\ufeff\U00010000-\U0010ffff"
_UNSAFE = re.compile(f"[{_UNSAFE_CHARACTERS}]")
# With the brace: OpenCode replaces {env:X} and {file:X} in the raw text; the escape is the same string to a parser.
_UNSAFE_OR_BRACE = re.compile(f"[{{{_UNSAFE_CHARACTERS}]")
# Nearly all strings have none of these, and are their own spelling.
_SPECIAL = re.compile(f'[{{"\\\\\\x00-\\x1f{_UNSAFE_CHARACTERS}]')

# What fits behind its key on a line that a person reads without scrolling.
_SHORT = 80

_STRINGS = json.JSONEncoder(ensure_ascii=False)


def render(value: JsonValue, style: Style, indent: str | None) -> str:
    """``value`` as JSON: on one line if ``indent`` is None, else each member on a line of its own.

    ``indent`` is the indentation of the line that the value starts on. Short lists of plain values stay on one line
    in any case, and so do short objects within the value: that is how people write ``["text", "image"]``.
    """
    return _render(value, style, indent, within=False)


def _render(value: JsonValue, style: Style, indent: str | None, *, within: bool = True) -> str:
    if not isinstance(value, (dict, list)):
        return _scalar(value)
    inner = None if indent is None else indent + style.unit
    if isinstance(value, dict):
        opening, closing, pad = "{", "}", style.pad
        items = [quote(key) + style.colon + _render(item, style, inner) for key, item in value.items()]
        folds = within
    else:
        opening, closing, pad = "[", "]", ""
        items = [_render(item, style, inner) for item in value]
        folds = not any(isinstance(item, (dict, list)) for item in value)
    if not items:
        return opening + closing
    line = opening + pad + ("," + style.gap).join(items) + pad + closing
    if indent is None or (folds and len(line) <= _SHORT and style.eol not in line):
        return line
    lead = f"{style.eol}{inner}"
    return opening + lead + ("," + lead).join(items) + style.eol + indent + closing


def quote(value: str) -> str:
    """``value`` as a JSON string."""
    if not _SPECIAL.search(value):
        return f'"{value}"'
    return (_UNSAFE if isinstance(value, Verbatim) else _UNSAFE_OR_BRACE).sub(_escape, _STRINGS.encode(value))


def _scalar(value: str | float | None) -> str:
    if isinstance(value, str):
        return quote(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return int.__repr__(value)
    if not math.isfinite(value):
        raise ValueError(f"JSON has no number for {value}")
    return float.__repr__(value)


def _escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{high:02x}{low:02x}" for high, low in zip(units[::2], units[1::2], strict=True))
