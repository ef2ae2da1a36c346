"""The last good answer of each proxy on the disk: for a start without waiting, and for a proxy that is silent.

One directory for each proxy, readable by its owner alone: ``catalog.json`` is ours, and for each target there is a file
with what a shim inside the tool adds. None of them holds a key, a header, or an address of what is behind the proxy.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from litellm_discover.core.snapshot import Snapshot, from_document, to_document
from litellm_discover.errors import ConfigError
from litellm_discover.io import files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from litellm_discover.core.catalog import CatalogOptions
    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places

CATALOG = "catalog"

Shim: TypeAlias = "tuple[str, Mapping[str, JsonValue]]"
"""The name of a target, and what a shim inside the tool reads."""


def load(places: Places, proxy_id: str, options: CatalogOptions) -> Snapshot | None:
    """The snapshot of a proxy that was taken with these options; None when there is none that can be used."""
    try:
        data = files.read(path_of(places, proxy_id, CATALOG))
        return from_document(json.loads(data), options) if data is not None else None
    except (ConfigError, ValueError, RecursionError):
        return None


def save(snapshot: Snapshot, shims: Iterable[Shim], places: Places, deadline: Deadline) -> None:
    """Keep a snapshot, and for each target the document that its shim reads, one by one. Raises ConfigError."""
    _write(snapshot, CATALOG, to_document(snapshot), places, deadline)
    for name, document in shims:
        _write(snapshot, name, document, places, deadline)


def _write(
    snapshot: Snapshot, name: str, document: Mapping[str, JsonValue], places: Places, deadline: Deadline
) -> None:
    data = json.dumps(document, separators=(",", ":")).encode()
    path = path_of(places, snapshot.catalog.proxy.id, name)
    with files.locked(path, locks=places.locks(), deadline=deadline) as file:
        file.update(lambda _: data)


def path_of(places: Places, proxy_id: str, name: str) -> Path:
    """The file of that name in the directory of a proxy."""
    return places.cache() / proxy_id / f"{name}.json"
