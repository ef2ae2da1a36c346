"""Strict JSON: UTF-8, finite numbers, no duplicate keys, so many levels and brackets and no more."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 32
# LiteLLM 1.106.2 needs up to twenty to describe a model.
MAX_BRACKETS = 500_000
# The most that is parsed at once. LiteLLM 1.106.2 needs 7.4 KB to describe a model.
MAX_PIECE = 256 * 1024

_CONTENT = rb'[^"\\]*+(?:\\.[^"\\]*+)*+'
STRING = rb'"%s"' % _CONTENT

_REST_OF_STRING = re.compile(_CONTENT, re.DOTALL)
# The next bracket, or the quote of a string whose end is not there yet, or else all that is left.
_NEXT = re.compile(rb'[^"{}\[\]]*+(?:%s[^"{}\[\]]*+)*+(?:([{}\[\]"])|\Z)' % STRING, re.DOTALL)


def document(data: bytes) -> object:
    """A whole small document. Raises ValueError when it is too long, too deep, or no strict JSON."""
    if len(data) > MAX_PIECE:
        raise ValueError("too long")
    for _ in Brackets().find(data):
        pass
    return decode(data)


def decode(data: bytes) -> object:
    """A piece whose size and depth are known to be bounded.

    Raises ValueError when it is no strict JSON or has an integer of more digits than Python reads, and RecursionError.
    """
    return _STRICT.decode(data.decode("utf-8"))


class Brackets:
    """Finds the brackets outside strings, in pieces that may end anywhere, also inside a string."""

    def __init__(self) -> None:
        self._inside = bytearray()
        self._left = MAX_BRACKETS
        self._in_string = self._is_escaped = False

    def find(self, data: bytes) -> Iterator[tuple[int, bool, bytearray]]:
        """Each bracket: its offset, whether it opens, and what is open there, itself included.

        Raises ValueError when there are too many, or too many inside each other.
        """
        start = self._end_of_string(data, 0) if self._in_string and data else 0
        for found in _NEXT.finditer(data, start):
            if (bracket := found[1]) is None:
                return
            if bracket == b'"':
                self._end_of_string(data, found.end())
                return
            opens = bracket in b"{["
            if opens:
                self._inside += bracket
            self._left -= 1
            if self._left < 0 or len(self._inside) > MAX_DEPTH:
                raise ValueError("too many brackets")
            yield found.start(1), opens, self._inside
            if not opens and self._inside:
                self._inside.pop()

    def _end_of_string(self, data: bytes, start: int) -> int:
        """The offset behind the string in which ``start`` is, or of the end of the data when it goes on there."""
        found = _REST_OF_STRING.match(data, start + self._is_escaped)
        end = found.end() if found else start
        ends = data[end : end + 1] == b'"'
        self._in_string = not ends
        # Otherwise only a backslash stops there: the last byte, whose other half is in the next piece.
        self._is_escaped = not ends and end < len(data)
        return end + 1


def _object(members: list[tuple[str, object]]) -> dict[str, object]:
    unique = dict(members)
    if len(unique) != len(members):
        raise ValueError("duplicate key")
    return unique


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("not finite")
    return number


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


_STRICT = json.JSONDecoder(object_pairs_hook=_object, parse_float=_finite, parse_constant=_refuse)
