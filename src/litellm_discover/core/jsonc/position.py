"""From an offset to the line and column that a person sees in an editor."""

from __future__ import annotations

import re

from litellm_discover.errors import JsoncError

BOM = "\ufeff"

# Not str.splitlines(): that also splits at U+2028, U+0085, form feeds and more.
LINE_END = re.compile(r"\r\n|\n|\r")


def error_at(text: str, offset: int, message: str, hint: str = "") -> JsoncError:
    """A :class:`JsoncError` about the character at ``offset``; a byte order mark counts as no column."""
    line, start = 1, len(BOM) if text.startswith(BOM) else 0
    for end in LINE_END.finditer(text, 0, offset):
        line, start = line + 1, end.end()
    return JsoncError(message, line=line, column=max(offset - start, 0) + 1, hint=hint)
