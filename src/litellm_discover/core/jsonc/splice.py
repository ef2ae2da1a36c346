"""The one way in which a text is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Splice(NamedTuple):
    """Replace what is between two offsets of a text; ``text`` is empty for a removal."""

    start: int
    end: int
    text: str


def inverse(text: str, splices: Iterable[Splice]) -> tuple[Splice, ...]:
    """The splices that lead back from ``apply(text, splices)`` to ``text``."""
    back: list[Splice] = []
    shift = 0
    for splice in sorted(splices, key=lambda splice: splice.start):
        start = splice.start + shift
        back.append(Splice(start, start + len(splice.text), text[splice.start : splice.end]))
        shift += len(splice.text) - (splice.end - splice.start)
    return tuple(back)


def apply(text: str, splices: Iterable[Splice]) -> str:
    """``text`` with the splices applied, which do not overlap; of two at the same offset the first comes first."""
    pieces: list[str] = []
    position = 0
    for splice in sorted(splices, key=lambda splice: splice.start):
        pieces += text[position : splice.start], splice.text
        position = splice.end
    return "".join([*pieces, text[position:]])
