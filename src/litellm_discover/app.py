"""The use cases, and everything that the command line may use: what is not exported here is not its business."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from litellm_discover.configuration import WritePlan, carry_out, host_options, plan_write
from litellm_discover.core.envelope import failure, success
from litellm_discover.core.model import Catalog, Notice, Proxy
from litellm_discover.errors import ProxyNotFoundError
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.places import Places
from litellm_discover.sources import litellm
from litellm_discover.targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractContextManager

    import httpx

    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.origin import Origin
    from litellm_discover.io.probe import Probed
    from litellm_discover.settings import Place, Settings

__all__ = [
    "OUTCOMES",
    "Deadline",
    "Discovery",
    "Places",
    "WritePlan",
    "carry_out",
    "discover",
    "envelope",
    "example_proxy",
    "failure",
    "host_options",
    "plan_write",
    "target_names",
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


def discover(settings: Settings, deadline: Deadline) -> Discovery:
    """Find the proxy, ask it, understand it. Raises ProxyError in one of its forms."""
    import anyio

    return anyio.run(_discover, settings, deadline)


async def _discover(settings: Settings, deadline: Deadline) -> Discovery:
    from litellm_discover.io.http import ProxyClient, http_client

    started = time.monotonic()
    tls = any(origin.scheme == "https" for place in settings.places for origin in place.origins)
    async with http_client(tls=tls) as client:
        place, origin, probed = await _find(client, settings.places, deadline)
        key = place.key
        get = ProxyClient(client, origin, deadline, key=key.value if key else None, headers=place.headers)
        proxy = Proxy(PROVIDER_ID, origin.base_url, key=key.reference if key else None)
        catalog = await litellm.fetch(get, proxy, settings.catalog, deadline.left)
    notices = (*_other_proxies(origin, probed), *catalog.notices)
    return Discovery(catalog, place.source, probed, notices, int((time.monotonic() - started) * 1000))


async def _find(
    client: httpx.AsyncClient, places: Sequence[Place], deadline: Deadline
) -> tuple[Place, Origin, tuple[Probed, ...]]:
    """The first place that has a LiteLLM, where it is, and everything that was probed on the way."""
    from litellm_discover.io.probe import probe

    probed: tuple[Probed, ...] = ()
    for place in places:
        if not place.identify:
            return place, place.origins[0], probed
        found = await probe(client, place.origins, litellm.LIVELINESS, litellm.is_litellm, deadline)
        probed += found
        for result in found:
            if result.outcome == "litellm":
                return place, result.origin, probed
    raise _not_found(probed)


def _not_found(probed: Iterable[Probed]) -> ProxyNotFoundError:
    seen = ", ".join(f"{result.origin.root}: {OUTCOMES[result.outcome]}" for result in probed)
    return ProxyNotFoundError(
        f"no LiteLLM proxy was found ({seen})",
        hint="Start it (litellm --config config.yaml), or say where it is: --url http://host:port or --port N.",
    )


def _other_proxies(chosen: Origin, probed: Iterable[Probed]) -> list[Notice]:
    """Other LiteLLMs; the other address of the same port is nearly always the same proxy."""
    others = [p.origin.root for p in probed if p.outcome == "litellm" and p.origin.port != chosen.port]
    if not others:
        return []
    return [Notice("other_proxies", f"using {chosen.root}; LiteLLM also answers at {', '.join(others)} (see --url)")]


def example_proxy() -> AbstractContextManager[tuple[int, str]]:
    """A running proxy that answers as a recorded LiteLLM does; gives its port on 127.0.0.1 and its key."""
    from litellm_discover.io.example_proxy import example_proxy as run

    return run()


def target_names(names: Iterable[str]) -> tuple[str, ...]:
    """The targets meant by names given by a person, ``all`` among them, each once and in our own order."""
    wanted = set(names)
    return tuple(name for name in TARGETS if name in wanted or "all" in wanted)


def envelope(
    discovery: Discovery,
    settings: Settings,
    notices: Iterable[Notice],
    *,
    for_target: str | None,
    generated_at: str,
) -> dict[str, JsonValue]:
    """The JSON document of a discovery, with the configuration of every target or of the one asked for."""
    targets: dict[str, JsonValue] = {
        name: TARGETS[name].render(discovery.catalog, settings.responses_style)
        for name in target_names([for_target or "all"])
    }
    return success(discovery.catalog, targets, notices, generated_at=generated_at, elapsed_ms=discovery.elapsed_ms)
