"""Finding the proxy and asking it, without any memory of what it said before."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from litellm_discover.core.model import Catalog, Notice, Proxy
from litellm_discover.errors import ProxyNotFoundError
from litellm_discover.io import trust

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from litellm_discover.addresses import Place
    from litellm_discover.core.answers import Get
    from litellm_discover.core.facts import Shelf
    from litellm_discover.core.origin import Origin
    from litellm_discover.core.routers import Router
    from litellm_discover.core.told import Told
    from litellm_discover.core.understanding import Evidence
    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places
    from litellm_discover.io.probe import Probed
    from litellm_discover.io.trust import Gate, Verdict
    from litellm_discover.settings import ProxySettings, Settings

OUTCOMES = {"litellm": "LiteLLM", "nothing": "nothing", "other": "not LiteLLM", "silent": "no answer in time"}


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found.

    ``probed`` says what listens where we looked, ``elapsed_ms`` is wall time, ``taken_at`` when the proxy said it, in
    seconds since 1970. ``stale`` when that was earlier and it could not be asked now. ``evidence`` is what decides on
    the model that was asked about, when the proxy was asked now, and ``routers`` are those that it described then.
    """

    catalog: Catalog
    source: str
    taken_at: float
    probed: tuple[Probed, ...] = ()
    notices: tuple[Notice, ...] = ()
    elapsed_ms: int = 0
    stale: bool = False
    evidence: Evidence | None = None
    routers: tuple[Router, ...] = ()

    def age(self, now: float) -> float:
        """Seconds since the proxy said it."""
        return max(0.0, now - self.taken_at)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a proxy said where it was found, and the catalogs that know more of such models."""

    found: Found
    told: Told
    shelf: Shelf
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A LiteLLM that may be sent its place's key, and what was learned on the way to it."""

    place: Place
    origin: Origin
    probed: tuple[Probed, ...]
    notices: tuple[Notice, ...]


def find(
    proxy: ProxySettings,
    settings: Settings,
    places: Places,
    gate: Gate,
    deadline: Deadline,
    *,
    about: str | None = None,
    heard: Callable[[Get], Get] | None = None,
) -> Discovery:
    """Find a proxy, ask it, understand it; with the evidence on one model when it is asked ``about``.

    What is asked goes through ``heard``, for whoever wants to know how each answer was. Raises ProxyError in one of its
    forms, and UsageError.
    """
    from litellm_discover.core.catalog import build_catalog, evidence_on
    from litellm_discover.core.routers import routers

    started = time.monotonic()
    said = ask(proxy, settings, places, gate, deadline, heard=heard)
    catalog = build_catalog(said.told, proxy.catalog, said.shelf)
    return Discovery(
        catalog=catalog,
        source=said.found.place.source,
        taken_at=time.time(),
        probed=said.found.probed,
        notices=(*said.found.notices, *said.notices, *catalog.notices),
        elapsed_ms=int((time.monotonic() - started) * 1000),
        evidence=evidence_on(about, said.told, said.shelf) if about else None,
        routers=routers(said.told.described),
    )


def ask(
    proxy: ProxySettings,
    settings: Settings,
    places: Places,
    gate: Gate,
    deadline: Deadline,
    *,
    heard: Callable[[Get], Get] | None = None,
) -> Heard:
    """Find a proxy and ask it. Raises as ``find`` does."""
    from litellm_discover.io.threads import run_within

    found, told, notices = run_within(deadline, _ask, proxy, settings, places, gate, deadline, heard)
    shelf, remarks = _shelf(told, settings, places)
    return Heard(found, told, shelf, (*notices, *remarks))


def _shelf(told: Told, settings: Settings, places: Places) -> tuple[Shelf, tuple[Notice, ...]]:
    """The provider catalogs: the bundled ones, and above them what is held of those that the person named."""
    from litellm_discover.io.shelf import BundledShelf

    if not settings.catalogs:
        return BundledShelf({}), ()
    from litellm_discover.core.published import providers
    from litellm_discover.io import remote

    held, notices = remote.cached(providers(told), settings.catalogs, places)
    return BundledShelf(held), notices


def _ask(
    wanted: ProxySettings,
    settings: Settings,
    places: Places,
    gate: Gate,
    deadline: Deadline,
    heard: Callable[[Get], Get] | None,
) -> tuple[Found, Told, tuple[Notice, ...]]:
    """What a proxy tells, and then, in a part of the time that is left, what is due of the catalogs."""
    from litellm_discover.io.connection import Connection
    from litellm_discover.io.http import ProxyClient
    from litellm_discover.sources import litellm

    found = locate(wanted.places, gate, deadline)
    origin, key = found.origin, found.place.key
    proxy = Proxy(wanted.id, origin.base_url, key=key.reference if key else None)
    # Not on a connection from before the gate: its other end need not be who listens now.
    with Connection(origin, deadline) as connection:
        get = ProxyClient(connection, key=key.value if key else None, headers=found.place.headers)
        told = litellm.fetch(heard(get) if heard else get, proxy, deadline.left)
    if not settings.catalogs:
        return found, told, ()
    from litellm_discover.core.published import providers, selected
    from litellm_discover.io import remote
    from litellm_discover.io.shelf import BundledShelf

    # In the words of what comes with the package: what a remote catalog lists is its server's choice.
    public = selected(told, wanted.selected, BundledShelf({}))
    return found, told, remote.refresh(providers(told), settings.catalogs, places, gate, deadline, selected=public)


def locate(places: Iterable[Place], gate: Gate, deadline: Deadline) -> Found:
    """The first trusted LiteLLM of the first place that has one. Nothing is asked where the gate refuses the way."""
    probed: tuple[Probed, ...] = ()
    notices: tuple[Notice, ...] = ()
    strangers: dict[Origin, Verdict] = {}
    for place in places:
        if refusal := gate.refusal(place.origins[0]):
            if not place.identify:
                raise refusal
            notices += (Notice(refusal.code, f"{place.source} was not looked at: {refusal.message}"),)
            continue
        if not place.identify:
            return Found(place, place.origins[0], probed, notices)
        results = probe_place(place, deadline)
        probed += results
        answering = [result.origin for result in results if result.outcome == "litellm"]
        trusted, others = gate.sort(answering, named=place.named)
        strangers |= others
        if trusted:
            notices += (*_untrusted(strangers, trusted[0]), *_other_proxies(*trusted))
            return Found(place, trusted[0], probed, notices)
    raise gate.error(strangers) if strangers else _not_found(probed, notices)


def probe_place(place: Place, deadline: Deadline) -> tuple[Probed, ...]:
    """What listens at each address of a place, asked without any credential."""
    from litellm_discover.io.probe import probe
    from litellm_discover.sources import litellm

    return probe(place.origins, litellm.LIVELINESS, litellm.is_litellm, deadline)


def _not_found(probed: Iterable[Probed], notices: Iterable[Notice]) -> ProxyNotFoundError:
    seen = [f"{result.origin.root}: {OUTCOMES[result.outcome]}" for result in probed]
    seen += [notice.message for notice in notices]
    return ProxyNotFoundError(
        f"no LiteLLM proxy was found ({', '.join(seen) or 'all likely ports are those of other proxies'})",
        hint="Start it (litellm --config config.yaml), or say where it is: --url http://host:port or --port N.",
    )


def _untrusted(strangers: Mapping[Origin, Verdict], chosen: Origin) -> list[Notice]:
    """Who was passed over. On the other address of the same port it is news only when it is somebody else."""
    told = {o: verdict for o, verdict in strangers.items() if o.port != chosen.port or verdict.owner is not None}
    if not told:
        return []
    named = trust.named_strangers(told)
    return [Notice("untrusted_proxies", f"using {chosen.root}; LiteLLM also answers, untrusted, at {named}")]


def _other_proxies(chosen: Origin, *trusted: Origin) -> list[Notice]:
    """Other LiteLLMs; the other address of the same port is nearly always the same proxy."""
    others = [origin.root for origin in trusted if origin.port != chosen.port]
    if not others:
        return []
    return [Notice("other_proxies", f"using {chosen.root}; LiteLLM also answers at {', '.join(others)} (see --url)")]
