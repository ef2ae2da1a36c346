"""Reads a literal of JavaScript as the value that it is: objects, arrays, strings, numbers, booleans and null.

Catalogs are published as JavaScript too. Nothing is run: what is no literal is refused.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, Final

_TOKEN: Final = re.compile(
    r"""
    (?P<space>  (?: \s+ | //[^\n]* | /\*.*?\*/ )+ )
  | (?P<string> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | `(?:[^`\\$]|\\.)*` )
  | (?P<number> -?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)? )
  | (?P<word>   !0 | !1 | void\ 0 | [A-Za-z_$][\w$]* )
  | (?P<mark>   [{}\[\],:] )
    """,
    re.DOTALL | re.VERBOSE,
)
_WORDS: Final = {"!0": True, "!1": False, "true": True, "false": False, "null": None, "void 0": None}
_HEX_ESCAPE: Final = re.compile(r"\\x([0-9a-fA-F]{2})")
_CODE_POINT: Final = re.compile(r"\\u\{([0-9a-fA-F]{1,6})\}")
_PLAIN_ESCAPE: Final = re.compile(r"\\([^\"\\/bfnrtu])|(?<!\\)(\")", re.DOTALL)


class LiteralError(ValueError):
    """What is there is no literal."""


def read_literal(text: str, start: int) -> Any:
    """The value of the literal that begins at ``start``; numbers are exact. Raises LiteralError."""
    return _Reader(text, start).value()


class _Reader:
    """Goes through the tokens of one literal, and no further."""

    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._at = start

    def value(self) -> Any:
        kind, found = self._next()
        if found == "{":
            return self._object()
        if found == "[":
            return self._array()
        if kind == "string":
            return _string(found)
        if kind == "number":
            return Decimal(found) if set(found) & set(".eE") else int(found)
        if found in _WORDS:
            return _WORDS[found]
        raise LiteralError(f"{found[:40]!r} at {self._at} is no literal")

    def _next(self) -> tuple[str, str]:
        while found := _TOKEN.match(self._text, self._at):
            self._at = found.end()
            if found.lastgroup != "space":
                return str(found.lastgroup), found[0]
        raise LiteralError(f"nothing readable at {self._at}")

    def _passes(self, mark: str) -> bool:
        """Whether the mark comes next; then it is passed."""
        before = self._at
        if self._next()[1] == mark:
            return True
        self._at = before
        return False

    def _object(self) -> dict[str, Any]:
        members: dict[str, Any] = {}
        while not self._passes("}"):
            kind, token = self._next()
            if not self._passes(":"):
                raise LiteralError(f"a member without a value at {self._at}")
            members[_string(token) if kind == "string" else token] = self.value()
            if not self._passes(","):
                if not self._passes("}"):
                    raise LiteralError(f"an object without an end at {self._at}")
                break
        return members

    def _array(self) -> list[Any]:
        items: list[Any] = []
        while not self._passes("]"):
            items.append(self.value())
            if not self._passes(","):
                if not self._passes("]"):
                    raise LiteralError(f"an array without an end at {self._at}")
                break
        return items


def _string(token: str) -> str:
    """JavaScript's escapes are JSON's and a few more."""
    inner = _CODE_POINT.sub(lambda found: chr(int(found[1], 16)), token[1:-1])
    inner = _HEX_ESCAPE.sub(r"\\u00\1", inner)
    inner = _PLAIN_ESCAPE.sub(lambda found: '\\"' if found[2] else found[1], inner)
    return str(json.loads(f'"{inner}"', strict=False))
