"""What a JSON value is, when two are the same, and the edits that can be asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

JsonValue: TypeAlias = "dict[str, JsonValue] | list[JsonValue] | str | int | float | bool | None"


class Verbatim(str):
    """A string that is written with its ``{`` as they are.

    In every other string a ``{`` is written as its JSON escape, so that OpenCode, which replaces ``{env:X}`` and
    ``{file:X}`` in the raw text of its configuration, finds nothing to replace in a name that somebody else chose.
    ``Verbatim("{env:KEY}")`` is such a reference on purpose.
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Put:
    """Set the member at ``path`` to ``value``; objects that are missing on the way are created.

    ``path`` holds at least one key, decoded and unescaped: ``("a.b", "c/d")`` are two ordinary keys. A member that
    exists already keeps its place, its key's spelling and the comments around it; only its value is rewritten.

    Into an array leads the ``id`` of an item: ``("models", "a/b")`` is the item of ``models`` whose ``id`` is
    ``"a/b"``, the last one of several. Its new value is an object with this ``id``; where there is none, it becomes
    the last item. Neither arrays nor items are created on the way to something in them.
    """

    path: tuple[str, ...]
    value: JsonValue


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove the member or item at ``path`` with all its duplicates; one that is not there is no error.

    ``path`` is as in :class:`Put`.
    """

    path: tuple[str, ...]


Edit: TypeAlias = Put | Remove


def id_of(item: JsonValue) -> str | None:
    """What an item of an array is known by: its ``id``, if it is an object and that is a string."""
    found = item.get("id") if isinstance(item, dict) else None
    return found if isinstance(found, str) else None


def keyed(items: list[JsonValue]) -> dict[str, JsonValue]:
    """The items of an array that have an ``id``, by it; of several with the same the last one."""
    return {key: item for item in items if (key := id_of(item)) is not None}


def same(a: JsonValue, b: JsonValue) -> bool:
    """Whether two values are equal as JSON: ``True`` is not ``1``, ``1`` is ``1.0``, the order of keys is no matter."""
    pairs = [(a, b)]
    while pairs:  # not recursive: a file may be nested as deeply as the reader allows
        left, right = pairs.pop()
        if isinstance(left, dict):
            if not isinstance(right, dict) or left.keys() != right.keys():
                return False
            pairs += [(value, right[key]) for key, value in left.items()]
        elif isinstance(left, list):
            if not isinstance(right, list) or len(left) != len(right):
                return False
            pairs += zip(left, right, strict=True)
        elif isinstance(left, bool) is not isinstance(right, bool) or left != right:
            return False
    return True
