"""Applies edits to a text and makes sure that they did what was asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from litellm_discover.core.jsonc.layout import Style, document_style, style_of
from litellm_discover.core.jsonc.place import place
from litellm_discover.core.jsonc.plan import Changes, plan
from litellm_discover.core.jsonc.reader import parse, read
from litellm_discover.core.jsonc.remove import remove
from litellm_discover.core.jsonc.scan import Container, Source, blanked, container_at, root_of, scan
from litellm_discover.core.jsonc.splice import Splice, apply, inverse
from litellm_discover.core.jsonc.values import Edit, JsonValue, same
from litellm_discover.errors import JsoncError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from litellm_discover.core.jsonc.reader import Document


@dataclass(frozen=True, slots=True)
class Revision:
    """An edited text, its value, and the way back: passes of splices, the last one first.

    The way back holds what the edits replaced or removed and nothing else of the text before.
    """

    text: str
    value: JsonValue
    back: tuple[tuple[Splice, ...], ...] = ()


def edit(text: str, edits: Sequence[Edit]) -> str:
    """The text of :func:`revise`. Raises :class:`JsoncError` also if ``text`` is not JSONC."""
    return revise(read(text), edits).text


def revise(document: Document, edits: Sequence[Edit]) -> Revision:
    """The text with ``edits`` applied, as if one after the other; of several for the same path the last one counts.

    Only the edited members change. If no value changes, the text itself is returned.

    Raises :class:`JsoncError` if something is in the way of an edit (the message has the path), if an item of an array
    would not have its ``id``, if a new value has no spelling in JSON, or if the result does not read as expected.
    """
    source, text = document.source, document.text
    if not edits:
        return Revision(text, document.value)
    expected, changes = plan(source, document.value, edits)
    if not changes:
        return Revision(text, document.value)
    edited, back = _revised(source, changes)
    _verify(edited, expected)
    return Revision(edited, expected, back)


def _revised(source: Source, changes: Changes) -> tuple[str, tuple[tuple[Splice, ...], ...]]:
    puts = tuple(put_splices(source, changes))
    edited = apply(source.text, puts)
    back = [inverse(source.text, puts)]
    if changes.removes:
        removals = tuple(removal_splices(scan(edited, blanked(edited)), changes))
        back.insert(0, inverse(edited, removals))
        edited = apply(edited, removals)
    return edited, tuple(back)


def revert(text: str, back: Iterable[Iterable[Splice]]) -> str:
    """The text from before a revision, from the text after it and the way back."""
    for splices in back:
        text = apply(text, splices)
    return text


def put_splices(source: Source, changes: Changes) -> Iterator[Splice]:
    """What writes the new members and values."""
    for container, style, here in _containers(source, changes):
        if here.puts:
            yield from place(source, container, style, here.puts)


def removal_splices(source: Source, changes: Changes) -> Iterator[Splice]:
    """What removes members and items.

    ``source`` has the new members already: behind the last old one they are written as that one is, even if it goes.
    """
    for container, _, here in _containers(source, changes):
        if here.removals:
            yield from remove(source, container, here.removals)


def _containers(source: Source, changes: Changes) -> Iterator[tuple[Container, Style, Changes]]:
    """The objects and arrays in which something changes, and those around them."""
    pending = [(root_of(source), document_style(source), changes)]
    while pending:
        start, outer, here = pending.pop()
        container = container_at(source, start)
        style = style_of(source, container, outer)
        yield container, style, here
        if here.deeper:
            members = container.known()
            pending += [(members[key].value_start, style, deeper) for key, deeper in here.deeper.items()]


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
