"""Asking the proxies with a memory: what each said last, when that is recent enough or the proxy is silent."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from litellm_discover.core.envelope import Answered, for_shim
from litellm_discover.core.model import Notice
from litellm_discover.core.snapshot import Snapshot
from litellm_discover.errors import (
    ConfigError,
    CredentialError,
    DiscoverError,
    ProxyError,
    ProxyNotFoundError,
    SeveralError,
    TrustError,
    named,
)
from litellm_discover.finding import Discovery, find
from litellm_discover.io import snapshot, trust
from litellm_discover.own import with_keys
from litellm_discover.personal import personal
from litellm_discover.rendering import fragments
from litellm_discover.targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from litellm_discover.core.answers import Get
    from litellm_discover.core.model import Catalog
    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places
    from litellm_discover.io.trust import Gate
    from litellm_discover.settings import ProxySettings, Settings


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found of all proxies: at least one said something, now or earlier.

    ``failed`` has by its id why a proxy gave nothing. Both are in the order of the settings. ``unasked`` are the ids of
    proxies that were not meant this time.
    """

    discoveries: tuple[Discovery, ...]
    failed: Mapping[str, DiscoverError] = field(default_factory=dict)
    unasked: frozenset[str] = frozenset()

    @property
    def silent(self) -> frozenset[str]:
        """The proxies of which nothing is known now: what is written of them stays."""
        return self.unasked | self.failed.keys()

    @property
    def catalogs(self) -> tuple[Catalog, ...]:
        """What each of them offers."""
        return tuple(discovery.catalog for discovery in self.discoveries)

    @property
    def answered(self) -> tuple[Answered, ...]:
        """The same with how long it took, and how old it is where a proxy is silent now."""
        return tuple(
            Answered(found.catalog, found.elapsed_ms, int(found.age(time.time())) if found.stale else None)
            for found in self.discoveries
        )

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What a person should know, once."""
        return tuple(dict.fromkeys(notice for discovery in self.discoveries for notice in discovery.notices))

    @property
    def errors(self) -> tuple[DiscoverError, ...]:
        """Why each of the others gave nothing, with its id."""
        return tuple(named(proxy_id, error) for proxy_id, error in self.failed.items())

    @property
    def taken_at(self) -> float:
        """When the proxy said it that was asked the longest time ago."""
        return min(discovery.taken_at for discovery in self.discoveries)


def discover(settings: Settings, places: Places, deadline: Deadline, *, about: str | None = None) -> Findings:
    """What all proxies offer, each as in ``discover_one``; all are asked at the same time.

    Raises DiscoverError only when none of them gives anything.
    """
    snapshot.forget(places, {proxy.id for proxy in settings.proxies}, TARGETS)
    if only := settings.only:
        return Findings((discover_one(only, settings, places, deadline, about=about),))
    from litellm_discover.io.threads import side_by_side  # noqa: PLC0415 - most people have one proxy

    calls = [partial(discover_one, proxy, settings, places, deadline, about=about) for proxy in settings.proxies]
    results = dict(zip((proxy.id for proxy in settings.proxies), side_by_side(calls), strict=True))
    failed = {proxy_id: result for proxy_id, result in results.items() if isinstance(result, DiscoverError)}
    found = {proxy_id: result for proxy_id, result in results.items() if not isinstance(result, DiscoverError)}
    if not found:
        raise SeveralError(tuple(named(proxy_id, error) for proxy_id, error in failed.items()))
    return Findings(tuple(_with_id(proxy_id, discovery) for proxy_id, discovery in found.items()), failed)


def _with_id(proxy_id: str, discovery: Discovery) -> Discovery:
    """With several proxies, what is said about one says which."""
    told = (Notice(notice.code, f"{proxy_id}: {notice.message}") for notice in discovery.notices)
    return replace(discovery, notices=tuple(told))


def discover_one(
    proxy: ProxySettings,
    settings: Settings,
    places: Places,
    deadline: Deadline,
    *,
    about: str | None = None,
    sparing: bool = False,
    keep: bool = True,
    heard: Callable[[Get], Get] | None = None,
) -> Discovery:
    """What a proxy offers: asked now, or as it was last good, when that is recent enough or the proxy is silent.

    Asked now, it comes with the evidence on the model that it is ``about``; with ``sparing``, what is remembered is
    written only if the proxy says something else than before, and without ``keep`` not at all. ``heard`` is as for
    ``find``. Raises DiscoverError in nearly all of its forms. A refused key is never covered up by what an earlier one
    could see.
    """
    if proxy.problem:
        raise proxy.problem
    gate = trust.Gate.open(places, insecure_http=settings.insecure_http)
    if settings.offline or settings.max_age is not None:
        last = _recall(proxy, settings, places, gate)
        if last and (settings.offline or last.age(time.time()) <= (settings.max_age or 0)):
            return last
    if settings.offline:
        raise _nothing_remembered()
    try:
        found = find(with_keys(proxy, places, deadline), settings, places, gate, deadline, about=about, heard=heard)
    except (CredentialError, TrustError):
        raise
    except ProxyError as error:
        if last := _recall(proxy, settings, places, gate):
            return replace(last, stale=True, notices=(*gate.notices, _stale(last, error)))
        raise
    mine = replace(found, catalog=personal(found.catalog, settings))
    kept = _keep(found.catalog, mine, settings, places, deadline, sparing=sparing) if keep else ()
    return replace(mine, notices=(*gate.notices, *found.notices, *kept))


def _nothing_remembered() -> ProxyNotFoundError:
    return ProxyNotFoundError(
        "nothing is remembered of a proxy with these settings, and --offline asks for no other",
        code="no_snapshot",
        hint="Run this once without --offline, while the proxy is there.",
    )


def _recall(proxy: ProxySettings, settings: Settings, places: Places, gate: Gate) -> Discovery | None:
    """What is remembered for one of the places that would be asked, if a key may still go there."""
    kept = snapshot.load(places, proxy.id, proxy.catalog)
    for place in proxy.places if kept else ():
        origins = [origin for origin in place.origins if gate.refusal(origin) is None]
        key = place.key.reference if place.key else None
        if kept and kept.answers({origin.base_url for origin in origins}, key, proxy.catalog):
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
    kept = Snapshot(mine.taken_at, settings.proxy(catalog.proxy.id).catalog, catalog)
    taken = datetime.fromtimestamp(mine.taken_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    shims = (
        (name, for_shim(mine.catalog, {name: fragment}, generated_at=taken))
        for name, fragment in fragments([mine.catalog], settings, places, TARGETS)
    )
    try:
        snapshot.save(kept, shims, places, deadline, sparing=sparing)
    except ConfigError as error:
        return (Notice("snapshot_not_kept", f"what was found could not be kept: {error.message}"),)
    return ()
