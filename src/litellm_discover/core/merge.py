"""Additive merging: what to put where, so that nothing the person wrote changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from litellm_discover.core.jsonc import Put

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from litellm_discover.core.jsonc import Edit, JsonValue
    from litellm_discover.core.model import Notice


@dataclass(frozen=True, slots=True)
class Merge:
    """Edits for one configuration file, and what they mean: ids added, ids left to the person's own entries."""

    edits: tuple[Edit, ...]
    added: tuple[str, ...]
    kept: tuple[str, ...]
    notices: tuple[Notice, ...]


def additions(existing: JsonValue, wanted: Mapping[str, JsonValue], path: tuple[str, ...] = ()) -> Iterator[Put]:
    """The edits that add to ``existing`` each member of ``wanted`` that it lacks; what it has stays.

    Objects are merged member by member, everything else is kept whole. Where a value of another type stands in the
    way of an object, the edit goes through it all the same: applying it then names the place and refuses.
    """
    present = existing if isinstance(existing, dict) else {}
    for key, value in wanted.items():
        here = (*path, key)
        if key not in present:
            yield Put(here, value)
        elif isinstance(value, dict):
            yield from additions(present[key], value, here)


def overlay(low: JsonValue, high: JsonValue) -> JsonValue:
    """Two layers of configuration as one: objects are merged member by member, anything else of ``high`` wins."""
    if not (isinstance(low, dict) and isinstance(high, dict)):
        return high
    return {**low, **{key: overlay(low[key], value) if key in low else value for key, value in high.items()}}
