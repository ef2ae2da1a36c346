"""What is cut out when members or items go: these, their commas, and lines on which nothing else is."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from litellm_discover.core.jsonc.layout import breaks_line
from litellm_discover.core.jsonc.splice import Splice

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from litellm_discover.core.jsonc.scan import Container, Source


def remove(source: Source, container: Container, keys: Collection[str]) -> Iterator[Splice]:
    """The splices that remove all members with one of ``keys``, and no comment outside them."""
    gone = [(member.start, member.value_end) for member in container.members if member.key in keys]
    gone += [(comma, comma + 1) for comma in _commas(source, container, keys)]
    for start, end in _joined(source.text, sorted(gone)):
        yield Splice(*_with_blanks(source.text, start, end), "")


def _commas(source: Source, container: Container, keys: Collection[str]) -> Iterator[int]:
    """The commas that go: one for each member that goes, and none is left before or behind all others."""
    survivor = None
    for goes, members in groupby(container.members, key=lambda member: member.key in keys):
        run = list(members)
        if not goes:
            survivor = run[-1]
            continue
        commas = [member.comma for member in run if member.comma is not None]
        if survivor is not None and survivor.comma is not None:
            commas.insert(0, survivor.comma)
            if run[-1].comma is not None:  # a member or a trailing comma follows: one comma stays
                at_line_start = breaks_line(source, survivor.value_end, survivor.comma)
                commas.pop(-1 if at_line_start else 0)
        yield from commas


def _joined(text: str, spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The spans, with those made one that only blanks on the same line keep apart."""
    start, end = spans[0]
    for next_start, next_end in spans[1:]:
        if text[end:next_start].strip(" \t"):
            yield start, end
            start = next_start
        end = next_end
    yield start, end


def _with_blanks(text: str, start: int, end: int) -> tuple[int, int]:
    """The span with the blanks around it, or the line, that would make no sense without it."""
    left, right = start, end
    while text[left - 1] in " \t":
        left -= 1
    while text[right] in " \t":
        right += 1
    starts_line, ends_line = text[left - 1] in "\r\n", text[right] in "\r\n"
    if starts_line and ends_line:
        return left, right + (2 if text.startswith("\r\n", right) else 1)
    if ends_line or (right == end and text[end] in "}]"):
        return left, end
    if starts_line or left < start or text[left - 1] in "{[,":
        return start, right
    return start, end
