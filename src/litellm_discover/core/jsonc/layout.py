"""How the person writes: what new text has to look like beside theirs."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import chain

from litellm_discover.core.jsonc.position import LINE_END
from litellm_discover.core.jsonc.scan import Container, Member, Source, container_at, end_of, first_inside

_SPACES = re.compile(r"[ \t]*")
_COLON = re.compile(r"[ \t]*:[ \t]*")


@dataclass(frozen=True, slots=True)
class Style:
    """How a container is written.

    ``expanded``: the members are on lines of their own, indented by one ``unit`` more than the line of the opening
    bracket and ended by ``eol``. Otherwise ``gap`` follows each comma, and ``pad`` is inside the braces of an object.
    ``colon`` is the colon with the blanks around it.
    """

    expanded: bool
    eol: str
    unit: str
    colon: str
    gap: str
    pad: str


def document_style(source: Source) -> Style:
    """The style where nothing in the text shows another one."""
    return Style(expanded=True, eol=_eol_near(source, 0), unit="  ", colon=": ", gap=" ", pad=" ")


def style_of(source: Source, container: Container, outer: Style) -> Style:
    """The style of ``container``; what it does not show is taken from ``outer``, the style around it."""
    text, members = source.text, container.members
    if not members:
        expanded = outer.expanded or breaks_line(source, container.start, container.end)
        return replace(outer, expanded=expanded, eol=_eol_near(source, container.start))
    last = members[-1]
    before_last = members[-2].value_end if len(members) > 1 else container.start + 1
    expanded = breaks_line(source, before_last, last.start)
    colon = _only(_COLON, text[last.key_end : last.value_start], outer.colon)
    inside = _only(_SPACES, text[container.start + 1 : members[0].start], outer.pad)
    airy = " " if inside or not colon.endswith(":") else ""
    gap = airy if outer.expanded else outer.gap
    after_comma = source.blank.find(",", before_last, last.start) + 1
    return Style(
        expanded=expanded,
        eol=_eol_near(source, last.start),
        unit=_unit(source, container, outer) if expanded else outer.unit,
        colon=colon,
        gap=_only(_SPACES, text[after_comma : last.start], gap) if after_comma else gap,
        pad=outer.pad if container.is_array else inside,
    )


def value_style(source: Source, container: Container, style: Style, old: Member | None) -> Style:
    """The style for a member's value: that of the ``old`` value, else of the nearest sibling that shows one."""
    for member in chain(() if old is None else (old,), reversed(container.members)):
        start = member.value_start
        if start not in source.closing or (inside := first_inside(source, start)) == source.closing[start]:
            continue
        if source.text[start] == "{":
            return style_of(source, container_at(source, start), style)
        return replace(style, expanded=breaks_line(source, start, inside))
    return style


def breaks_line(source: Source, start: int, end: int) -> bool:
    """Whether a line ends between two offsets; inside a block comment counts, too."""
    return LINE_END.search(source.blank, start, end) is not None


def indent_at(source: Source, offset: int) -> str:
    """The indentation of the line that ``offset`` is on."""
    starts = source.line_starts()
    start = starts[bisect_right(starts, offset) - 1]
    return source.text[start : end_of(_SPACES, source.text, start)]


def _eol_near(source: Source, offset: int) -> str:
    """The nearest line end before ``offset``, else the one behind it, else a line feed."""
    starts = source.line_starts()
    line = bisect_right(starts, offset) - 1 or 1
    if line == len(starts):
        return "\n"
    return "\r\n" if source.text.endswith("\r\n", 0, starts[line]) else source.text[starts[line] - 1]


def _unit(source: Source, container: Container, outer: Style) -> str:
    inner, base = indent_at(source, container.members[-1].start), indent_at(source, container.start)
    return inner[len(base) :] if inner.startswith(base) and inner != base else outer.unit


def _only(pattern: re.Pattern[str], text: str, otherwise: str) -> str:
    return text if pattern.fullmatch(text) else otherwise
