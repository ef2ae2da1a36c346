"""From a list of edits to the value they lead to, and to what has to change in which object or array of the text."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from litellm_discover.core.jsonc.position import error_at
from litellm_discover.core.jsonc.scan import Source, locate
from litellm_discover.core.jsonc.values import Edit, JsonValue, Put, Remove, id_of, keyed, same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litellm_discover.errors import JsoncError

_KINDS: tuple[tuple[type, str], ...] = (
    (list, "an array"),
    (str, "a string"),
    (bool, "a boolean"),  # before int, which it is, too
    (int, "a number"),
    (float, "a number"),
)
_PLAIN_KEY = re.compile(r"[\w$@:/+-]+")


@dataclass(frozen=True, slots=True)
class Changes:
    """What has to change in one object or array of the text; the items of an array are its members, by their ``id``.

    ``puts`` are new members and members whose value is replaced, ``removals`` are keys to remove with all their
    duplicates, ``deeper`` are the changes in members that stay. ``removes`` says whether a member goes, here or deeper.
    """

    puts: dict[str, JsonValue]
    removals: frozenset[str]
    deeper: dict[str, Changes]
    removes: bool

    def __bool__(self) -> bool:
        return bool(self.puts or self.removals or self.deeper)


@dataclass(slots=True)
class _Container:
    """An object or array that edits go through: as it was, and its members as they were and as they become."""

    value: dict[str, JsonValue] | list[JsonValue]
    before: dict[str, JsonValue] = field(init=False)
    after: dict[str, JsonValue] = field(init=False)
    touched: set[str] = field(default_factory=set)
    deeper: dict[str, _Container] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.before = keyed(self.value) if isinstance(self.value, list) else self.value
        self.after = dict(self.before)

    def enter(self, key: str) -> _Container | None:
        """What is at ``key`` after the edits so far; None if that is no container."""
        if key not in self.deeper:
            value = self.after.get(key)
            if not isinstance(value, (dict, list)):
                return None
            self.touched.add(key)
            self.deeper[key] = _Container(value)
        return self.deeper[key]

    def put(self, key: str, value: JsonValue) -> None:
        self.touched.add(key)
        self.deeper.pop(key, None)
        self.after[key] = value

    def remove(self, key: str) -> None:
        self.touched.add(key)
        self.deeper.pop(key, None)
        self.after.pop(key, None)

    def result(self) -> tuple[JsonValue, Changes]:
        """The value after the edits, and what they come to; what was put or removed on the way is new as a whole."""
        puts: dict[str, JsonValue] = {}
        deeper: dict[str, Changes] = {}
        # In the order of `after`: new members are written in the order in which they were put.
        for key in [key for key in self.after if key in self.touched]:
            if (entered := self.deeper.get(key)) is not None:
                self.after[key], changes = entered.result()
                if entered.value is self.before.get(key):
                    if changes:
                        deeper[key] = changes
                    continue
            if key not in self.before or not same(self.before[key], self.after[key]):
                puts[key] = self.after[key]
        removals = frozenset(key for key in self.touched if key in self.before and key not in self.after)
        removes = bool(removals) or any(changes.removes for changes in deeper.values())
        value = self._items(self.value) if isinstance(self.value, list) else self.after
        return value, Changes(puts, removals, deeper, removes)

    def _items(self, items: list[JsonValue]) -> list[JsonValue]:
        """The items after the edits: those without an ``id`` and earlier duplicates as they are, new ones last."""
        rest = dict(self.after)
        old: list[JsonValue] = []
        for item in reversed(items):
            key = id_of(item)
            if key is None:
                old.append(item)
            elif key in self.after:
                old.append(rest.pop(key, item))
        return [*reversed(old), *rest.values()]


def plan(source: Source, value: JsonValue, edits: Sequence[Edit]) -> tuple[JsonValue, Changes]:
    """The value that the edits, one after the other, make of ``value``; and the changes that lead there.

    Raises :class:`JsoncError` if something is in the way of an edit, or if an item of an array would not have its
    ``id``.
    """
    if not isinstance(value, dict):
        raise _wrong_type(source, (), value)
    root = _Container(value)
    for edit in edits:
        _apply(source, root, edit)
    return root.result()


def _apply(source: Source, root: _Container, edit: Edit) -> None:
    *parents, key = edit.path
    outer = current = root
    for depth, parent in enumerate(parents, start=1):
        if parent not in current.after:
            if isinstance(edit, Remove):
                return
            if isinstance(current.value, list):
                what = f"an array, and no item in it has the id {json.dumps(parent)}"
                raise _in_the_way(source, parents[: depth - 1], what)
            current.put(parent, {})
        entered = current.enter(parent)
        if entered is None:
            raise _wrong_type(source, parents[:depth], current.after[parent])
        outer, current = current, entered
    if isinstance(outer.value, list) and key == "id" and edit != Put(edit.path, parents[-1]):
        message = f"{_readable(edit.path)} cannot change: the item is known by it"
        raise error_at(source.text, locate(source, edit.path), message)
    if isinstance(edit, Remove):
        current.remove(key)
    elif isinstance(current.value, list) and id_of(edit.value) != key:
        what = f"an array, and the new value for {json.dumps(key)} is no object with this id"
        raise _in_the_way(source, parents, what)
    else:
        current.put(key, edit.value)


def _wrong_type(source: Source, path: Sequence[str], value: JsonValue) -> JsoncError:
    kind = next((name for kind, name in _KINDS if isinstance(value, kind)), "null")
    return _in_the_way(source, path, f"{kind}, not an object")


def _in_the_way(source: Source, path: Sequence[str], what: str) -> JsoncError:
    message = f"{_readable(path)} is {what}"
    return error_at(source.text, locate(source, path), message, "Nothing is replaced to make room.")


def _readable(path: Sequence[str]) -> str:
    keys = (key if _PLAIN_KEY.fullmatch(key) else json.dumps(key) for key in path)
    return ".".join(keys) or "the root"
