"""Where things are in a JSONC text.

Everything here works on two strings of equal length: the person's text, and a copy of it in which the comments, the
legal trailing commas and the byte order mark are blanks. The copy is JSON exactly if the text is JSONC, and an offset
in one is the same offset in the other.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from litellm_discover.core.jsonc.position import BOM, LINE_END, error_at
from litellm_discover.core.jsonc.values import id_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# The scanner of `json` recurses. This is a promise for every Python, whatever its recursion limit.
MAX_DEPTH = 512

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_COMMENT = r"//[^\r\n]*+|/\*.*?\*/"
_TRIVIA = rf"(?:[ \t\r\n]++|{_COMMENT})*+"


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)


# A comma wants a value before it and, unless it is a trailing one, a value behind it.
_PLAIN = _compiled(rf'(?:[^"/,:{{\[]++|{_STRING}|,(?!{_TRIVIA}[,}}\]])|[:{{\[](?!{_TRIVIA},))*+')
_TRAILING_COMMA = _compiled(rf",(?={_TRIVIA}[}}\]])")
_STRAY_COMMA = _compiled(rf"[,:{{\[]{_TRIVIA}(?=,)")
_COMMENT_ONLY = _compiled(_COMMENT)
_NOT_LINE_END = re.compile(r"[^\r\n]")

_BRACKET = _compiled(rf'[^"{{}}\[\]]*+(?:{_STRING}[^"{{}}\[\]]*+)*+([{{}}\[\]])')
_BLANKS = re.compile(r"[ \t\r\n]*")
_TO_COMMA = _compiled(rf"{_TRIVIA}(?=,)")

_DECODER = json.JSONDecoder(parse_int=float)  # no number counts, but int() refuses one with thousands of digits


@dataclass(frozen=True, slots=True)
class Source:
    """A text, its blanked copy, and the offset of the closing bracket for each opening one."""

    text: str
    blank: str
    closing: dict[int, int]
    _line_starts: list[int] = field(default_factory=list, init=False)

    def line_starts(self) -> list[int]:
        """The offset at which each line starts; to look back for it again and again is slow in a minified file."""
        if not self._line_starts:
            self._line_starts.extend([0, *(end.end() for end in LINE_END.finditer(self.text))])
        return self._line_starts


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object or item of an array, as offsets.

    ``key`` is what it is known by; an item has its ``id`` for that, or None, and no key in the text. ``comma`` is the
    comma behind it, a trailing one included.
    """

    key: str | None
    start: int
    key_end: int
    value_start: int
    value_end: int
    comma: int | None


@dataclass(frozen=True, slots=True)
class Container:
    """An object or array: the offsets of its brackets, and its members in the order of the text, duplicates included.

    The items of an array are its members.
    """

    start: int
    end: int
    is_array: bool
    members: tuple[Member, ...]

    def known(self) -> dict[str, Member]:
        """The members by key; of duplicates the last one."""
        return {member.key: member for member in self.members if member.key is not None}


def blanked(text: str) -> str:
    """The copy of ``text`` without comments, legal trailing commas and byte order mark.

    If the text is malformed, the copy is malformed at the same place: the first offence is left in it as it is.
    """
    pieces = [" "] if text.startswith(BOM) else []
    start = position = len(pieces)
    while (position := end_of(_PLAIN, text, position)) < len(text):
        pieces.append(text[start:position])
        if comment := _COMMENT_ONLY.match(text, position):
            pieces.append(_spaces(comment))
            start = position = comment.end()
        elif _TRAILING_COMMA.match(text, position):
            pieces.append(" ")
            start = position = position + 1
        else:
            if stray := _STRAY_COMMA.match(text, position):
                pieces.append(_COMMENT_ONLY.sub(_spaces, stray[0]))
                position = stray.end()
            start = position
            break
    pieces.append(text[start:])
    return "".join(pieces)


def scan(text: str, blank: str) -> Source:
    """The source for a text and its blanked copy; :class:`JsoncError` if it is nested too deeply."""
    closing: dict[int, int] = {}
    still_open: list[int] = []
    for bracket in _BRACKET.finditer(blank):
        if bracket[1] in "{[":
            still_open.append(bracket.start(1))
            if len(still_open) > MAX_DEPTH:
                raise error_at(text, still_open[-1], f"nested more than {MAX_DEPTH} levels deep")
        elif still_open:  # always, unless it is asked about a malformed text how deep that is
            closing[still_open.pop()] = bracket.start(1)
    return Source(text, blank, closing)


def root_of(source: Source) -> int:
    """The offset of the root value."""
    return end_of(_BLANKS, source.blank, 0)


def container_at(source: Source, start: int) -> Container:
    """The object or array whose opening bracket is at ``start``."""
    blank, end, is_array = source.blank, source.closing[start], source.blank[start] == "["
    members = []
    position = first_inside(source, start)
    while position < end:
        head, head_end = _DECODER.raw_decode(blank, position)
        if is_array:
            key, key_end, value_start, value_end = id_of(head), position, position, head_end
        else:
            key, key_end, value_start = head, head_end, end_of(_BLANKS, blank, blank.index(":", head_end) + 1)
            value_end = _value_end(source, value_start)
        comma = _comma(source, value_end)
        members.append(Member(key, position, key_end, value_start, value_end, comma))
        position = end if comma is None else end_of(_BLANKS, blank, comma + 1)
    return Container(start, end, is_array, tuple(members))


def locate(source: Source, path: Iterable[str]) -> int:
    """The offset of the value at ``path``, or of the last value on the way that is in the text."""
    offset = root_of(source)
    for key in path:
        member = container_at(source, offset).known().get(key) if offset in source.closing else None
        if member is None:
            break
        offset = member.value_start
    return offset


def first_inside(source: Source, start: int) -> int:
    """The offset of what follows the opening bracket at ``start``, comments aside; the closing one if it is empty."""
    return end_of(_BLANKS, source.blank, start + 1)


def comments(source: Source, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the comments between two offsets start and end."""
    while (start := source.text.find("/", start, end)) >= 0:
        if source.blank[start] == "/":  # in a string
            start += 1
        else:
            comment_end = end_of(_COMMENT_ONLY, source.text, start)
            yield start, comment_end
            start = comment_end


def end_of(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Where a match of ``pattern`` at ``position`` ends; ``position`` itself if there is none."""
    match = pattern.match(text, position)
    return position if match is None else match.end()


def _value_end(source: Source, start: int) -> int:
    if start in source.closing:
        return source.closing[start] + 1
    _, end = _DECODER.raw_decode(source.blank, start)
    return end


def _comma(source: Source, value_end: int) -> int | None:
    to_comma = _TO_COMMA.match(source.text, value_end)
    return None if to_comma is None else to_comma.end()


def _spaces(comment: re.Match[str]) -> str:
    return _NOT_LINE_END.sub(" ", comment[0])
