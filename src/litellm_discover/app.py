"""The use cases, and everything that the command line may use: what is not exported here is not its business."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from litellm_discover.configuration import host_options
from litellm_discover.core.envelope import failure, success
from litellm_discover.core.model import Catalog, Notice, Proxy
from litellm_discover.errors import ProxyNotFoundError
from litellm_discover.io import trust, watchdog
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.places import Places
from litellm_discover.sources import litellm
from litellm_discover.targets import TARGETS
from litellm_discover.writing import WritePlan, carry_out, plan_write, rendering, undo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.origin import Origin
    from litellm_discover.errors import ConfigError
    from litellm_discover.io.probe import Probed
    from litellm_discover.io.trust import Gate, Verdict
    from litellm_discover.settings import Place, Settings

__all__ = [
    "OUTCOMES",
    "Deadline",
    "Discovery",
    "Places",
    "Result",
    "WritePlan",
    "carry_out",
    "discover",
    "envelope",
    "example_proxy",
    "failure",
    "host_options",
    "pin",
    "pins",
    "plan_write",
    "target_names",
    "undo",
    "unpin",
    "watchdog",
]

PROVIDER_ID = "litellm"

OUTCOMES = {"litellm": "LiteLLM", "nothing": "nothing", "other": "not LiteLLM", "silent": "no answer in time"}


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found. ``probed`` says what listens where we looked, ``elapsed_ms`` is wall time."""

    catalog: Catalog
    source: str
    probed: tuple[Probed, ...]
    notices: tuple[Notice, ...]
    elapsed_ms: int


@dataclass(frozen=True, slots=True)
class Result:
    """A run that found a proxy: what there is to say about it, and which targets could not be written."""

    discovery: Discovery
    notices: tuple[Notice, ...]
    errors: Sequence[ConfigError] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A LiteLLM that may be sent its place's key, and what was learned on the way to it."""

    place: Place
    origin: Origin
    probed: tuple[Probed, ...]
    notices: tuple[Notice, ...]


def discover(settings: Settings, places: Places, deadline: Deadline) -> Discovery:
    """Find the proxy, ask it, understand it.

    Raises ProxyError in one of its forms, UsageError for an address that is not encrypted, and ConfigError for a file
    of pins that cannot be understood.
    """
    from litellm_discover.io.loop import run_within

    gate = trust.Gate.open(places, insecure_http=settings.insecure_http)
    discovery = run_within(deadline, _discover, settings, gate, deadline)
    return replace(discovery, notices=(*gate.notices, *discovery.notices))


async def _discover(settings: Settings, gate: Gate, deadline: Deadline) -> Discovery:
    from litellm_discover.io.http import ProxyClient, http_client

    started = time.monotonic()
    found = await _find(settings.places, gate, deadline)
    origin, key = found.origin, found.place.key
    # Not on a connection from before the gate: its other end need not be who listens now.
    async with http_client(tls=origin.scheme == "https") as client:
        get = ProxyClient(client, origin, deadline, key=key.value if key else None, headers=found.place.headers)
        proxy = Proxy(PROVIDER_ID, origin.base_url, key=key.reference if key else None)
        catalog = await litellm.fetch(get, proxy, settings.catalog, deadline.left)
    elapsed_ms = int((time.monotonic() - started) * 1000)
    return Discovery(catalog, found.place.source, found.probed, (*found.notices, *catalog.notices), elapsed_ms)


async def _find(places: Iterable[Place], gate: Gate, deadline: Deadline) -> Found:
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
        results = await _probe(place, deadline)
        probed += results
        answering = [result.origin for result in results if result.outcome == "litellm"]
        trusted, others = gate.sort(answering, named=place.named)
        strangers |= others
        if trusted:
            notices += (*_untrusted(strangers, trusted[0]), *_other_proxies(*trusted))
            return Found(place, trusted[0], probed, notices)
    raise gate.error(strangers) if strangers else _not_found(probed, notices)


async def _probe(place: Place, deadline: Deadline) -> tuple[Probed, ...]:
    from litellm_discover.io.http import http_client
    from litellm_discover.io.probe import probe

    async with http_client(tls=any(origin.scheme == "https" for origin in place.origins)) as client:
        return await probe(client, place.origins, litellm.LIVELINESS, litellm.is_litellm, deadline)


def _not_found(probed: Iterable[Probed], notices: Iterable[Notice]) -> ProxyNotFoundError:
    seen = [f"{result.origin.root}: {OUTCOMES[result.outcome]}" for result in probed]
    return ProxyNotFoundError(
        f"no LiteLLM proxy was found ({', '.join([*seen, *(notice.message for notice in notices)])})",
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


def pins(places: Places) -> tuple[str, ...]:
    """The origins that the person pinned. Raises ConfigError."""
    return tuple(sorted(origin.root for origin in trust.pinned(places)))


def pin(url: str, places: Places, deadline: Deadline, *, insecure_http: bool) -> tuple[str, bool]:
    """Trust an origin from now on; gives it, and whether that is new. Raises UsageError and ConfigError."""
    origin = trust.parse_site(url, source="the command line")
    if refusal := trust.Gate(insecure_http=insecure_http).refusal(origin):
        raise refusal
    return origin.root, trust.pin(places, origin, deadline)


def unpin(url: str, places: Places, deadline: Deadline) -> tuple[str, bool]:
    """Trust an origin no longer; gives it, and whether it was pinned. Raises UsageError and ConfigError."""
    origin = trust.parse_site(url, source="the command line")
    return origin.root, trust.pin(places, origin, deadline, wanted=False)


def example_proxy() -> AbstractContextManager[tuple[int, str]]:
    """A running proxy that answers as a recorded LiteLLM does; gives its port on 127.0.0.1 and its key."""
    from litellm_discover.io.example_proxy import example_proxy as run

    return run()


def target_names(names: Iterable[str]) -> tuple[str, ...]:
    """The targets meant by names given by a person, ``all`` among them, each once and in our own order."""
    wanted = set(names)
    return tuple(name for name in TARGETS if name in wanted or "all" in wanted)


def envelope(
    result: Result, settings: Settings, places: Places, *, for_target: str | None, generated_at: str
) -> dict[str, JsonValue]:
    """The JSON document of a run, with what the shims of every target need, or that of the one asked for."""
    catalog, style = result.discovery.catalog, settings.responses_style
    targets: dict[str, JsonValue] = {
        name: TARGETS[name].render_complete(catalog, rendering(TARGETS[name], style, places))
        for name in target_names([for_target or "all"])
    }
    elapsed_ms = result.discovery.elapsed_ms
    return success(catalog, targets, result.notices, result.errors, generated_at=generated_at, elapsed_ms=elapsed_ms)
