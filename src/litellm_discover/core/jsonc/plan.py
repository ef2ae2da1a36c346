"""From a list of edits to the value they lead to, and to what has to change in which object of the text."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from litellm_discover.core.jsonc.position import error_at
from litellm_discover.core.jsonc.scan import Source, locate
from litellm_discover.core.jsonc.values import Edit, JsonValue, Put, Remove, same

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
    """What has to change in one object of the text.

    ``puts`` are new members and members whose value is replaced, ``removals`` are keys to remove with all their
    duplicates, ``deeper`` are the changes in objects that are members of this one and stay. ``removes`` says whether a
    member goes, here or deeper.
    """

    puts: dict[str, JsonValue]
    removals: frozenset[str]
    deeper: dict[str, Changes]
    removes: bool

    def __bool__(self) -> bool:
        return bool(self.puts or self.removals or self.deeper)


@dataclass(slots=True)
class _Object:
    """An object that edits go through: as it was, and as it becomes."""

    before: dict[str, JsonValue]
    after: dict[str, JsonValue]
    touched: set[str] = field(default_factory=set)
    deeper: dict[str, _Object] = field(default_factory=dict)

    def enter(self, key: str) -> _Object | None:
        """The object at ``key``, as it is after the edits so far; None if there is something else."""
        if key not in self.deeper:
            value = self.after.get(key)
            if not isinstance(value, dict):
                return None
            entered = _Object(value, dict(value))
            self.touched.add(key)
            self.deeper[key] = entered
            self.after[key] = entered.after
        return self.deeper[key]

    def put(self, key: str, value: JsonValue) -> None:
        self.touched.add(key)
        self.deeper.pop(key, None)
        self.after[key] = value

    def remove(self, key: str) -> None:
        self.touched.add(key)
        self.deeper.pop(key, None)
        self.after.pop(key, None)

    def changes(self) -> Changes:
        """What the edits come to; an object that was put or removed on the way is new as a whole."""
        puts: dict[str, JsonValue] = {}
        deeper: dict[str, Changes] = {}
        # In the order of `after`: new members are written in the order in which they were put.
        for key in [key for key in self.after if key in self.touched]:
            entered = self.deeper.get(key)
            if entered is not None and entered.before is self.before.get(key):
                if changes := entered.changes():
                    deeper[key] = changes
            elif key not in self.before or not same(self.before[key], self.after[key]):
                puts[key] = self.after[key]
        removals = frozenset(key for key in self.touched if key in self.before and key not in self.after)
        removes = bool(removals) or any(changes.removes for changes in deeper.values())
        return Changes(puts, removals, deeper, removes)


def plan(source: Source, value: JsonValue, edits: Sequence[Edit]) -> tuple[JsonValue, Changes]:
    """The value that the edits, one after the other, make of ``value``; and the changes that lead there.

    Raises :class:`JsoncError` if something on the path of an edit is there and no object.
    """
    if not isinstance(value, dict):
        raise _wrong_type(source, (), value)
    root = _Object(value, dict(value))
    for edit in edits:
        _apply(source, root, edit)
    return root.after, root.changes()


def _apply(source: Source, root: _Object, edit: Edit) -> None:
    *parents, key = edit.path
    current = root
    for depth, parent in enumerate(parents, start=1):
        if parent not in current.after:
            if isinstance(edit, Remove):
                return
            current.put(parent, {})
        entered = current.enter(parent)
        if entered is None:
            raise _wrong_type(source, edit.path[:depth], current.after[parent])
        current = entered
    if isinstance(edit, Put):
        current.put(key, edit.value)
    else:
        current.remove(key)


def _wrong_type(source: Source, path: tuple[str, ...], value: JsonValue) -> JsoncError:
    kind = next((name for kind, name in _KINDS if isinstance(value, kind)), "null")
    message = f"{_readable(path)} is {kind}, not an object"
    return error_at(source.text, locate(source, path), message, "Nothing is replaced to make room.")


def _readable(path: tuple[str, ...]) -> str:
    keys = (key if _PLAIN_KEY.fullmatch(key) else json.dumps(key) for key in path)
    return ".".join(keys) or "the root"
