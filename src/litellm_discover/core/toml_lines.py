"""Where the keys and values of a TOML text are: tomllib gives the values, and no places."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from litellm_discover.core.located import Path

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRINGS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (r'"""(?:\\.|[^\\])*?""""{0,2}', r"'''.*?''''{0,2}", r'"(?:\\.|[^"\\])*"', r"'[^']*'")
)
_PLAIN = re.compile(r"[^,\]}\n#]+")


def lines(text: str) -> dict[Path, int]:
    """The line of each key, table and item of a list, from 1. ``text`` is TOML that tomllib has accepted."""
    scanner = _Scanner(text)
    scanner.scan()
    return scanner.found


class _Scanner:
    """Walks through a text that is known to be right, so that each step has only one way to go on."""

    def __init__(self, text: str) -> None:
        self.found: dict[Path, int] = {}
        self._text = text
        self._at = 0
        self._ends = [match.start() for match in re.finditer("\n", text)]
        self._arrays: dict[Path, int] = {}  # the last index of each list of tables

    def scan(self) -> None:
        table: Path = ()
        self._gap()
        while self._at < len(self._text):
            if self._takes("[["):
                table = self._header(repeated=True)
                self._takes("]]")
            elif self._takes("["):
                table = self._header(repeated=False)
                self._takes("]")
            else:
                self._pair(table)
            self._gap()

    def _header(self, *, repeated: bool) -> Path:
        """The path of a table. A step into a list of tables means its last one."""
        start = self._at
        path: Path = ()
        keys = self._key()
        for position, key in enumerate(keys):
            path = (*path, key)
            self._note(path, start)
            if repeated and position == len(keys) - 1:
                self._arrays[path] = self._arrays.get(path, -1) + 1
            if path in self._arrays:
                path = (*path, self._arrays[path])
                self._note(path, start)
        return path

    def _pair(self, table: Path) -> None:
        start, path = self._at, table
        for key in self._key():
            path = (*path, key)
            self._note(path, start)
        self._gap()
        self._takes("=")
        self._gap()
        self._value(path)

    def _key(self) -> list[str]:
        keys = [self._part()]
        while self._takes("."):
            keys.append(self._part())
        return keys

    def _part(self) -> str:
        self._gap()
        quoted = self._text[self._at] in "\"'"
        taken = self._match(*_STRINGS[2:]) if quoted else self._match(_BARE)
        self._gap()
        return str(tomllib.loads(f"key = {taken}")["key"]) if quoted else taken

    def _value(self, path: Path) -> None:
        if self._takes("["):
            self._items(path)
        elif self._takes("{"):
            self._members(path)
        else:
            self._match(*_STRINGS, _PLAIN)

    def _items(self, path: Path) -> None:
        index = 0
        self._gap()
        while not self._takes("]"):
            self._note((*path, index), self._at)
            self._value((*path, index))
            self._separator()
            index += 1

    def _members(self, path: Path) -> None:
        self._gap()
        while not self._takes("}"):
            self._pair(path)
            self._separator()

    def _separator(self) -> None:
        self._gap()
        self._takes(",")
        self._gap()

    def _note(self, path: Path, position: int) -> None:
        self.found.setdefault(path, bisect_right(self._ends, position - 1) + 1)

    def _gap(self) -> None:
        self._match(_GAP)

    def _takes(self, word: str) -> bool:
        found = self._text.startswith(word, self._at)
        self._at += len(word) if found else 0
        return found

    def _match(self, *patterns: re.Pattern[str]) -> str:
        """What the first of these patterns that fits here takes. Raises ValueError where none does."""
        for pattern in patterns:
            if match := pattern.match(self._text, self._at):
                self._at = match.end()
                return match[0]
        raise ValueError(f"this is not TOML, at {self._at}")
