"""Asking the proxy with a memory: what it said last, when that is recent enough or the proxy is silent."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from litellm_discover.core.envelope import for_shim
from litellm_discover.core.model import Notice
from litellm_discover.core.snapshot import Snapshot
from litellm_discover.errors import ConfigError, CredentialError, ProxyError, ProxyNotFoundError, TrustError
from litellm_discover.finding import PROVIDER_ID, Discovery, find
from litellm_discover.io import snapshot, trust
from litellm_discover.own import with_keys
from litellm_discover.personal import personal
from litellm_discover.targets import TARGETS
from litellm_discover.writing import rendering

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.model import Catalog
    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places
    from litellm_discover.io.trust import Gate
    from litellm_discover.settings import Settings


def discover(
    settings: Settings, places: Places, deadline: Deadline, *, about: str | None = None, sparing: bool = False
) -> Discovery:
    """What the proxy offers: asked now, or as it was last good, when that is recent enough or the proxy is silent.

    Asked now, it comes with the evidence on the model that it is ``about``; with ``sparing``, what is remembered is
    written only if the proxy says something else than before.

    Raises ProxyError in one of its forms, UsageError for an address that is not encrypted, and ConfigError for a file
    of pins that cannot be understood. A refused key is never covered up by what an earlier one could see.
    """
    gate = trust.Gate.open(places, insecure_http=settings.insecure_http)
    if settings.offline or settings.max_age is not None:
        last = _recall(settings, places, gate)
        if last and (settings.offline or last.age(time.time()) <= (settings.max_age or 0)):
            return last
    if settings.offline:
        raise ProxyNotFoundError(
            "nothing is remembered of a proxy with these settings, and --offline asks for no other",
            code="no_snapshot",
            hint="Run this once without --offline, while the proxy is there.",
        )
    try:
        found = find(with_keys(settings, places, deadline), places, gate, deadline, about=about)
    except (CredentialError, TrustError):
        raise
    except ProxyError as error:
        if (last := _recall(settings, places, gate)) is None:
            raise
        return replace(last, stale=True, notices=(*gate.notices, _stale(last, error)))
    mine = replace(found, catalog=personal(found.catalog, settings))
    kept = _keep(found.catalog, mine, settings, places, deadline, sparing=sparing)
    return replace(mine, notices=(*gate.notices, *found.notices, *kept))


def _recall(settings: Settings, places: Places, gate: Gate) -> Discovery | None:
    """What is remembered for one of the places that would be asked, if a key may still go there."""
    kept = snapshot.load(places, PROVIDER_ID, settings.catalog)
    for place in settings.places if kept else ():
        origins = [origin for origin in place.origins if gate.refusal(origin) is None]
        key = place.key.reference if place.key else None
        if kept and kept.answers({origin.base_url for origin in origins}, key, settings.catalog):
            catalog = personal(kept.catalog, settings)
            return Discovery(catalog, f"{place.source}, as remembered", taken_at=kept.taken_at)
    return None


def _stale(last: Discovery, error: ProxyError) -> Notice:
    minutes = round(last.age(time.time()) / 60)
    age = "less than a minute" if minutes < 1 else f"{minutes} minute{'' if minutes == 1 else 's'}"
    return Notice("stale", f"{error.message}; used instead is what it offered {age} ago")


def _keep(
    catalog: Catalog, mine: Discovery, settings: Settings, places: Places, deadline: Deadline, *, sparing: bool
) -> tuple[Notice, ...]:
    """Remember what was found, for a proxy that is silent and for ``--offline``, and for the shims what is ``mine``."""
    kept = Snapshot(mine.taken_at, settings.catalog, catalog)
    taken = datetime.fromtimestamp(mine.taken_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    shims = (
        (name, for_shim(mine.catalog, {name: fragment}, generated_at=taken))
        for name, fragment in fragments(mine, settings, places, TARGETS)
    )
    try:
        snapshot.save(kept, shims, places, deadline, sparing=sparing)
    except ConfigError as error:
        return (Notice("snapshot_not_kept", f"what was found could not be kept: {error.message}"),)
    return ()


def fragments(
    discovery: Discovery, settings: Settings, places: Places, names: Iterable[str]
) -> Iterator[tuple[str, JsonValue]]:
    """What the shims of these targets need, one after the other: each can be as large as all the rest of a run."""
    for name in names:
        target = TARGETS[name]
        style = rendering(target, settings.responses_style, places)
        yield name, target.render_complete(discovery.catalog, style)
