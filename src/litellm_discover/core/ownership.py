"""Which entries of a person's configuration are ours: those that are still as we wrote them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from litellm_discover.core import jsonc

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from litellm_discover.core.jsonc import Document, JsonValue

Path: TypeAlias = tuple[str, ...]

Record: TypeAlias = "Mapping[Path, Collection[str]]"
"""The digests of what we wrote at each path; two while a write is under way, else one."""


@dataclass(frozen=True, slots=True)
class Present:
    """A person's configuration as a target meets it.

    ``config`` is the value of all its layers. ``owned`` has the paths in the file to be edited whose values are still
    as we wrote them, with their digests; whatever else is there is the person's.
    """

    config: JsonValue
    owned: Mapping[Path, str] = field(default_factory=dict)


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def digest(value: JsonValue) -> str:
    """A digest of a JSON value, whatever the order of its keys and the layout of its text (SHA-256, 128 bits)."""
    return hashlib.sha256(_CANONICAL.encode(value).encode()).hexdigest()[:32]


def still_ours(document: Document, record: Record) -> dict[Path, str]:
    """The recorded paths whose value in the text has a recorded digest and holds no comment of the person, with it.

    An item of a list is nobody's but the person's while another has its ``id``.
    """
    found = {path: digest(value) for path, value in values_at(document.value, record).items()}
    unchanged = {path: value_digest for path, value_digest in found.items() if value_digest in record[path]}
    theirs = jsonc.commented(document, unchanged.keys()) | _repeated(document.value, unchanged)
    return {path: value_digest for path, value_digest in unchanged.items() if path not in theirs}


def _repeated(config: JsonValue, paths: Iterable[Path]) -> set[Path]:
    """The paths to items of a list beside which there is another with the same ``id``: one of them is not ours."""
    repeated: set[Path] = set()
    for parent in {path[:-1] for path in paths}:
        items = values_at(config, [parent]).get(parent) if parent else None
        ids = [item.get("id") for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        counts = Counter(each for each in ids if isinstance(each, str))
        repeated |= {(*parent, each) for each, count in counts.items() if count > 1}
    return repeated


def values_at(config: JsonValue, paths: Iterable[Path]) -> dict[Path, JsonValue]:
    """The values at those of ``paths`` that lead to one; through a list leads the ``id`` of an item."""
    parents: dict[Path, Mapping[str, JsonValue]] = {}
    found: dict[Path, JsonValue] = {}
    for path in paths:
        if path[:-1] not in parents:
            parents[path[:-1]] = members_at(config, *path[:-1])
        members = parents[path[:-1]]
        if path[-1] in members:
            found[path] = members[path[-1]]
    return found


def members_at(config: JsonValue | Mapping[str, JsonValue], *path: str) -> Mapping[str, JsonValue]:
    """The members of the object at ``path``, or of the list its items by ``id``; nothing where neither is there."""
    members = _members(config)
    for key in path:
        members = _members(members.get(key))
    return members


def _members(value: JsonValue | Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    if isinstance(value, list):
        return jsonc.keyed(value)
    return value if isinstance(value, Mapping) else {}
