"""Which entries of a person's configuration are ours: those that are still as we wrote them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from litellm_discover.core import jsonc

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from litellm_discover.core.jsonc import JsonValue

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


def digest(value: JsonValue) -> str:
    """A digest of a JSON value, whatever the order of its keys and the layout of its text (SHA-256, 128 bits)."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def still_ours(text: str, record: Record) -> dict[Path, str]:
    """The recorded paths whose value in ``text`` has a recorded digest and holds no comment of the person, with it.

    Raises JsoncError if ``text`` is not JSONC.
    """
    if not record:
        return {}
    config = jsonc.parse(text)
    found = {path: digest(value) for path in record if not isinstance(value := value_at(config, path), Missing)}
    unchanged = {path: value_digest for path, value_digest in found.items() if value_digest in record[path]}
    commented = jsonc.commented(text, unchanged.keys())
    return {path: value_digest for path, value_digest in unchanged.items() if path not in commented}


def value_at(config: JsonValue, path: Path) -> JsonValue | Missing:
    """The value at a path, or MISSING."""
    value: JsonValue | Missing = config
    for key in path:
        value = value.get(key, MISSING) if isinstance(value, dict) else MISSING
    return value


class Missing:
    """The type of MISSING, which no JSON value is."""


MISSING = Missing()
