"""Applies edits to a text and makes sure that they did what was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litellm_discover.core.jsonc.layout import Style, document_style, style_of
from litellm_discover.core.jsonc.place import place
from litellm_discover.core.jsonc.plan import Changes, plan
from litellm_discover.core.jsonc.reader import parse, read
from litellm_discover.core.jsonc.remove import remove
from litellm_discover.core.jsonc.scan import Container, Source, blanked, object_at, root_of, scan
from litellm_discover.core.jsonc.splice import Splice, apply
from litellm_discover.core.jsonc.values import Edit, JsonValue, same
from litellm_discover.errors import JsoncError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def edit(text: str, edits: Sequence[Edit]) -> str:
    """``text`` with ``edits`` applied, as if one after the other; of several for the same path the last one counts.

    Only the edited members change. If no value changes, ``text`` itself is returned.

    Raises :class:`JsoncError` if ``text`` is not JSONC, if something on the path of an edit is there and no object
    (the message has the path), if a new value has no spelling in JSON, or if the result does not read as expected.
    """
    source, value = read(text)
    if not edits:
        return text
    expected, changes = plan(source, value, edits)
    if not changes:
        return text
    edited = apply(text, put_splices(source, changes))
    if changes.removes:
        edited = apply(edited, removal_splices(scan(edited, blanked(edited)), changes))
    _verify(edited, expected)
    return edited


def put_splices(source: Source, changes: Changes) -> Iterator[Splice]:
    """What writes the new members and values."""
    for container, style, here in _objects(source, changes):
        if here.puts:
            yield from place(source, container, style, here.puts)


def removal_splices(source: Source, changes: Changes) -> Iterator[Splice]:
    """What removes members.

    ``source`` has the new members already: behind the last old one they are written as that one is, even if it goes.
    """
    for container, _, here in _objects(source, changes):
        if here.removals:
            yield from remove(source, container, here.removals)


def _objects(source: Source, changes: Changes) -> Iterator[tuple[Container, Style, Changes]]:
    """The objects in which something changes, and those around them."""
    pending = [(root_of(source), document_style(source), changes)]
    while pending:
        start, outer, here = pending.pop()
        container = object_at(source, start)
        style = style_of(source, container, outer)
        yield container, style, here
        if here.deeper:
            starts = {member.key: member.value_start for member in container.members}  # the last one of duplicates
            pending += [(starts[key], style, deeper) for key, deeper in here.deeper.items()]


def _verify(edited: str, expected: JsonValue) -> None:
    try:
        verified = same(parse(edited), expected)
    except JsoncError:
        verified = False
    if not verified:
        raise JsoncError(
            "the edit could not be verified; the file is left alone",
            line=1,
            column=1,
            hint="This is a bug in litellm-discover: please report it.",
        )
