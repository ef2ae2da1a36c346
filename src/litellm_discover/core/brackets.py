"""The brackets of a JSON text that comes in pieces, cut anywhere, also inside a string."""

from __future__ import annotations

import re

_CONTENT = r'[^"\\]*+(?:\\.[^"\\]*+)*+'
STRING = rf'"{_CONTENT}"'

_REST_OF_STRING = re.compile(_CONTENT, re.DOTALL)
# The next bracket, or the quote of a string whose end is not there yet, or else all that is left.
_NEXT = re.compile(rf'[^"{{}}\[\]]*+(?:{STRING}[^"{{}}\[\]]*+)*+(?:([{{}}\[\]"])|\Z)', re.DOTALL)


class Brackets:
    """Finds brackets outside strings. What is open, as far as it was gone into, is ``inside``, like ``{[``."""

    def __init__(self) -> None:
        self.inside = bytearray()
        self._in_string = self._is_escaped = False

    def find(self, text: str, start: int) -> int:
        """The offset of the next bracket, from ``start`` on; -1 when the rest of this piece has none."""
        if self._in_string and start < len(text):
            start = self._end_of_string(text, start)
        found = _NEXT.match(text, start)
        if found is None or (bracket := found[1]) is None:
            return -1
        if bracket == '"':
            self._end_of_string(text, found.end())
            return -1
        return found.start(1)

    def open(self, bracket: str) -> None:
        """Go into what a bracket opens."""
        self.inside += bracket.encode()

    def close(self) -> None:
        """Go out of it. Whether the bracket that closes fits the one that opened is not looked at."""
        if self.inside:
            self.inside.pop()

    def _end_of_string(self, text: str, start: int) -> int:
        """The offset behind the string in which ``start`` is, or of the end of the piece when it goes on there."""
        found = _REST_OF_STRING.match(text, start + self._is_escaped)
        end = found.end() if found else start
        ends = text[end : end + 1] == '"'
        self._in_string = not ends
        # Otherwise only a backslash stops there: the last character, whose other half is in the next piece.
        self._is_escaped = not ends and end < len(text)
        return end + 1
