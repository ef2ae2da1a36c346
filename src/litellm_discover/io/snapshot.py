"""The last good answer of each proxy on the disk: for a start without waiting, and for a proxy that is silent.

One directory for each proxy, readable by its owner alone: ``catalog.json`` is ours, and for each target there is a file
with what a shim inside the tool adds. None of them holds a key, a header, or an address of what is behind the proxy.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from litellm_discover.core.snapshot import Snapshot, from_document, to_document
from litellm_discover.errors import ConfigError
from litellm_discover.io import files

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.options import CatalogOptions
    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places

CATALOG = "catalog"

# Who keeps what is remembered up to date all day writes the same again only so often.
RENEW_SECONDS = 24 * 3600.0
# What differs from one time to the next although a proxy says the same.
_TIMES = ("takenAt", "generatedAt")

Shim: TypeAlias = "tuple[str, Mapping[str, JsonValue]]"
"""The name of a target, and what a shim inside the tool reads."""


def load(places: Places, proxy_id: str, options: CatalogOptions) -> Snapshot | None:
    """The snapshot of a proxy that was taken with these options; None when there is none that can be used."""
    try:
        data = files.read(path_of(places, proxy_id, CATALOG))
        return from_document(json.loads(data), options) if data is not None else None
    except (ConfigError, ValueError, RecursionError):
        return None


def save(
    snapshot: Snapshot, shims: Iterable[Shim], places: Places, deadline: Deadline, *, sparing: bool = False
) -> None:
    """Keep a snapshot, and for each target the document that its shim reads, one by one. Raises ConfigError.

    With ``sparing`` a file stays as it is when it says the same but for the time, and is less than a day old.
    """
    last = load(places, snapshot.catalog.proxy.id, snapshot.options) if sparing else None
    recent = last is not None and 0 <= snapshot.taken_at - last.taken_at < RENEW_SECONDS
    _write(snapshot, CATALOG, to_document(snapshot), places, deadline, sparing=recent)
    for name, document in shims:
        _write(snapshot, name, document, places, deadline, sparing=recent)


def _write(
    snapshot: Snapshot,
    name: str,
    document: Mapping[str, JsonValue],
    places: Places,
    deadline: Deadline,
    *,
    sparing: bool,
) -> None:
    data = json.dumps(document, separators=(",", ":")).encode()
    path = path_of(places, snapshot.catalog.proxy.id, name)
    with files.locked(path, locks=places.locks(), deadline=deadline) as file:
        file.update(lambda before: before if sparing and before and _alike(before, data) else data)


def _alike(before: bytes, after: bytes) -> bool:
    """Whether two documents say the same at different times."""
    try:
        said = [{**json.loads(data), **dict.fromkeys(_TIMES)} for data in (before, after)]
    except (ValueError, TypeError, RecursionError):
        return False
    return said[0] == said[1]


def is_there(places: Places, name: str) -> bool:
    """Whether there is a file of that name for any proxy."""
    return any(places.cache().glob(f"*/{name}.json"))


def forget(places: Places, known: Collection[str], targets: Iterable[str]) -> None:
    """Take away what is kept of proxies that are not ``known`` any more: a shim would add it for ever."""
    for catalog in places.cache().glob(f"*/{CATALOG}.json"):
        if catalog.parent.name not in known:
            # What cannot be removed, as on a disk that is read-only, could not have been renewed either.
            with suppress(OSError):
                for name in (*targets, CATALOG):
                    catalog.with_name(f"{name}.json").unlink(missing_ok=True)
                catalog.parent.rmdir()


def path_of(places: Places, proxy_id: str, name: str) -> Path:
    """The file of that name in the directory of a proxy."""
    return places.cache() / proxy_id / f"{name}.json"
