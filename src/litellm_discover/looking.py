"""One look at a proxy: who answers, and is its list still the same? Nothing is understood, and nothing kept."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from litellm_discover.configuration import settings_for
from litellm_discover.core.watching import Seen
from litellm_discover.errors import ConfigError, UsageError
from litellm_discover.io import glance, stream, trust
from litellm_discover.io.threads import all_of
from litellm_discover.own import own_config, with_keys
from litellm_discover.readiness import looked_at
from litellm_discover.settings import flags_in
from litellm_discover.sources import litellm
from litellm_discover.targets import target_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from litellm_discover.addresses import Place
    from litellm_discover.core.origin import Origin
    from litellm_discover.core.watching import Reach
    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places
    from litellm_discover.io.trust import Gate
    from litellm_discover.settings import ProxySettings

# LiteLLM answers this in milliseconds, and a list in tens of them; a minute after its start it is slower.
_ALIVE_SECONDS = 2.0
_LIST_SECONDS = 4.0

Signature = tuple[tuple[int, ...] | None, ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the person's files say: where each proxy may be, whom they trust, what to write, and what to run then."""

    spots: Mapping[str, tuple[Place, ...]]
    gate: Gate
    targets: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()


def surroundings(places: Places, deadline: Deadline) -> Surroundings:
    """Read the person's files. Raises DiscoverError."""
    own = own_config(places)
    targets = target_names(own.write)
    settings, _ = settings_for(flags_in(places.variables), places, targets)
    gate = trust.Gate.open(places, insecure_http=settings.insecure_http)
    spots = {proxy.id: _with_key(proxy, places, deadline).places for proxy in settings.proxies}
    stream.forget_authorities()
    return Surroundings(spots, gate, targets, own.notify)


def _with_key(proxy: ProxySettings, places: Places, deadline: Deadline) -> ProxySettings:
    """With its key; without one that cannot be had: a refresh tells that, and who answers can be seen without it."""
    try:
        return with_keys(proxy, places, deadline)
    except (ConfigError, UsageError):
        return proxy


def signature(places: Places) -> Signature:
    """What tells one state of the person's files from another. Raises UsageError."""
    ours = str(places.cache())
    return tuple(_status(path) for path in looked_at(places) if not path.startswith(ours))


def _status(path: str) -> tuple[int, ...] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - every few seconds, all day
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def look(around: Surroundings, proxy: str, known: str | None, *, listed: bool) -> Seen:
    """Who answers for a proxy, first at the address that is ``known``; with the digest of the list if that is wanted.

    Nothing is asked where the gate refuses the way, and no key goes where it is not trusted.
    """
    for spot in sorted(around.spots.get(proxy, ()), key=lambda spot: known not in [o.root for o in spot.origins]):
        ways = [origin for origin in spot.origins if around.gate.refusal(origin) is None]
        ways.sort(key=lambda origin: origin.root != known)
        if ways and not spot.identify and listed and (digest := _digest(spot, ways[0])):
            return Seen(ways[0].root, _reach(around.gate, spot, ways[0]), digest)
        answering = _answering(ways, known, identify=spot.identify)
        if answering:
            trusted = [origin for origin in answering if listed and _trusted(around.gate, spot, origin)]
            origin = (trusted or answering)[0]
            digest = _digest(spot, origin) if trusted else None
            return Seen(origin.root, _reach(around.gate, spot, origin), digest)
    return Seen()


def _answering(ways: Sequence[Origin], known: str | None, *, identify: bool) -> list[Origin]:
    """Who answers, without any credential: the one that is known alone, if it does."""

    def answers(origin: Origin) -> bool:
        answer = glance.ask(origin, litellm.LIVELINESS, _ALIVE_SECONDS)
        return answer is not None and (not identify or litellm.is_litellm(answer))

    if ways and ways[0].root == known and answers(ways[0]):
        return [ways[0]]
    found = all_of([partial(answers, origin) for origin in ways])
    return [origin for origin, does in zip(ways, found, strict=True) if does]


def _vouched(gate: Gate, spot: Place, origin: Origin) -> bool:
    verdict = trust.judge(origin, named=spot.named, pins=gate.pins, owners=frozenset(), me=trust.ME)
    return verdict.reason is not None


def _trusted(gate: Gate, spot: Place, origin: Origin) -> bool:
    # Whose a listener is costs the kernel milliseconds to say: not where the person has said it.
    return _vouched(gate, spot, origin) or bool(gate.sort([origin], named=spot.named)[0])


def _reach(gate: Gate, spot: Place, origin: Origin) -> Reach:
    if not origin.is_loopback:
        return "remote"
    return "named" if _vouched(gate, spot, origin) else "own"


def _digest(spot: Place, origin: Origin) -> str | None:
    key = spot.key.value if spot.key else None
    headers = {**spot.headers, **({"Authorization": f"Bearer {key}"} if key else {})}
    return glance.digest(origin, litellm.MODELS, headers, _LIST_SECONDS)
