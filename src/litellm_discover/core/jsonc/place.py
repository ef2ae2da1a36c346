"""Where and how new members and new values are written into an object or array."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from litellm_discover.core.jsonc.layout import Style, breaks_line, indent_at, value_style
from litellm_discover.core.jsonc.position import error_at
from litellm_discover.core.jsonc.render import quote, render
from litellm_discover.core.jsonc.scan import Container, Member, Source, end_of
from litellm_discover.core.jsonc.splice import Splice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litellm_discover.core.jsonc.values import JsonValue

# The comments that belong to the line on which a member ends; after one with // that line is over.
_BLOCK_COMMENTS = re.compile(r"(?:[ \t]*/\*.*?\*/)*+", re.DOTALL)
_LINE_COMMENT = re.compile(r"[ \t]*//[^\r\n]*")

# A sibling on one line asks for one line, but not for a whole provider on it.
_LONGEST_LINE = 300


def place(source: Source, container: Container, style: Style, puts: dict[str, JsonValue]) -> Iterator[Splice]:
    """The splices that give present members their new values and append the other members.

    Raises :class:`JsoncError` for a value that JSON cannot spell.
    """
    site = _Site(source, container, style)
    present = container.known()
    for key in puts.keys() & present.keys():
        yield site.replacement(present[key], puts[key])
    if new := {key: value for key, value in puts.items() if key not in present}:
        yield from site.behind_last(new) if container.members else site.into_empty(new)


@dataclass(frozen=True, slots=True)
class _Site:
    """An object or array that is written into, and its style."""

    source: Source
    container: Container
    style: Style

    def replacement(self, member: Member, value: JsonValue) -> Splice:
        style = value_style(self.source, self.container, self.style, member)
        text = self._value(value, style, indent_at(self.source, member.start))
        return Splice(member.value_start, member.value_end, text)

    def behind_last(self, new: dict[str, JsonValue]) -> Iterator[Splice]:
        """New members go behind the comments on the line of the last one, but its comma directly behind its value."""
        text, style, last = self.source.text, self.style, self.container.members[-1]
        line_over, position = _same_line(text, last.value_end if last.comma is None else last.comma + 1)
        indent = indent_at(self.source, last.start if style.expanded else self.container.start)
        if line_over and not style.expanded:
            indent += style.unit
        lead = style.eol + indent if style.expanded or line_over else style.gap
        entries = self._entries(new, indent)
        if last.comma is not None:
            yield Splice(position, position, "".join(f"{lead}{entry}," for entry in entries))
        elif self._is_comma_first():
            yield Splice(position, position, "".join(f"{lead},{style.gap}{entry}" for entry in entries))
        else:
            yield Splice(last.value_end, last.value_end, ",")
            yield Splice(position, position, ",".join(lead + entry for entry in entries))

    def into_empty(self, new: dict[str, JsonValue]) -> Iterator[Splice]:
        """New members go behind the comments on the line of the bracket; comments on later lines stay behind them."""
        text, style, start, end = self.source.text, self.style, self.container.start + 1, self.container.end
        _, position = _same_line(text, start)
        base = indent_at(self.source, self.container.start)
        if style.expanded:
            lead = style.eol + base + style.unit
            body = ",".join(lead + entry for entry in self._entries(new, base + style.unit))
            if breaks_line(self.source, position, end):
                yield Splice(position, position, body)
            else:
                yield Splice(position, end, body + style.eol + base)
            return
        body = f",{style.gap}".join(self._entries(new, base))
        if position > start:
            yield Splice(position, position, style.gap + body)
        else:
            pad = text[start:end] or ("" if self.container.is_array else style.pad)
            yield Splice(start, end, pad + body + pad)

    def _is_comma_first(self) -> bool:
        members = self.container.members
        comma = members[-2].comma if len(members) > 1 else None
        return comma is not None and breaks_line(self.source, members[-2].value_end, comma)

    def _entries(self, new: dict[str, JsonValue], indent: str) -> list[str]:
        style = value_style(self.source, self.container, self.style, None)
        entries = {key: self._value(value, style, indent) for key, value in new.items()}
        if self.container.is_array:
            return [*entries.values()]
        return [quote(key) + self.style.colon + entry for key, entry in entries.items()]

    def _value(self, value: JsonValue, style: Style, indent: str) -> str:
        try:
            if not style.expanded:
                line = render(value, style, None)
                if len(line) <= _LONGEST_LINE or not self.style.expanded:
                    return line
            return render(value, style, indent)
        except (ValueError, RecursionError) as error:
            message = f"a new value here cannot be written: {error}"
            raise error_at(self.source.text, self.container.start, message) from error


def _same_line(text: str, offset: int) -> tuple[bool, int]:
    """Whether the comments behind ``offset`` end the line, and where they end."""
    blocks_end = end_of(_BLOCK_COMMENTS, text, offset)
    end = end_of(_LINE_COMMENT, text, blocks_end)
    return end > blocks_end, end
