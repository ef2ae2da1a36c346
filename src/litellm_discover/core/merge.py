"""Merging that leaves to the person what is theirs: add what is missing, renew what is ours, take back what is gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from litellm_discover.core.jsonc import Put, same
from litellm_discover.core.ownership import digest, values_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from litellm_discover.core.jsonc import Edit, JsonValue
    from litellm_discover.core.model import Notice
    from litellm_discover.core.ownership import Path, Present


@dataclass(frozen=True, slots=True)
class Merge:
    """Edits for one configuration file, and what they mean.

    ``added``, ``updated`` and ``removed`` are ids of models, ``kept`` those that are the person's own and stay.
    ``chosen`` says what the tool starts with from then on, where that changes: ``default model litellm/a``.
    ``record`` has the digest of each entry that is ours once the edits are made.
    """

    edits: tuple[Edit, ...]
    record: Mapping[Path, str]
    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()


def joined(merges: Iterable[Merge]) -> Merge:
    """What several merges of one file do together, each about other places in it."""
    parts = [*merges]
    return Merge(
        edits=tuple(edit for part in parts for edit in part.edits),
        record={path: value for part in parts for path, value in part.record.items()},
        added=tuple(each for part in parts for each in part.added),
        updated=tuple(each for part in parts for each in part.updated),
        removed=tuple(each for part in parts for each in part.removed),
        kept=tuple(each for part in parts for each in part.kept),
        chosen=tuple(each for part in parts for each in part.chosen),
        notices=tuple(dict.fromkeys(notice for part in parts for notice in part.notices)),
    )


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What to do about each wanted path: edits for the added and the updated ones, nothing for the kept ones."""

    edits: tuple[Put, ...]
    record: Mapping[Path, str]
    added: tuple[Path, ...]
    updated: tuple[Path, ...]
    kept: tuple[Path, ...]


def reconcile(present: Present, wanted: Mapping[Path, JsonValue], *, update: Callable[[Path], bool]) -> Reconciled:
    """Compare what is wanted at each path with what is there.

    What is missing is added. What is there and ours is renewed, if ``update`` says so for its path. What is the
    person's is kept, even null. Where a value of another type stands in the way of an object, the edit goes through it
    all the same: applying it then names the place and refuses.
    """
    edits: list[Put] = []
    record: dict[Path, str] = {}
    added: list[Path] = []
    updated: list[Path] = []
    kept: list[Path] = []
    there = values_at(present.config, wanted)
    for path, value in wanted.items():
        ours = path in present.owned
        if path not in there:
            added.append(path)
        elif ours and update(path) and not same(there[path], value):
            updated.append(path)
        elif ours:
            record[path] = present.owned[path]
            continue
        else:
            kept.append(path)
            continue
        edits.append(Put(path, value))
        record[path] = digest(value)
    return Reconciled(tuple(edits), record, tuple(added), tuple(updated), tuple(kept))


def overlay(low: JsonValue, high: JsonValue) -> JsonValue:
    """Two layers of configuration as one: objects are merged member by member, anything else of ``high`` wins."""
    if not (isinstance(low, dict) and isinstance(high, dict)):
        return high
    return {**low, **{key: overlay(low[key], value) if key in low else value for key, value in high.items()}}
