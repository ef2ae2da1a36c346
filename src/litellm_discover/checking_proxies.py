"""What a check-up looks at of each proxy: who answers where, how it takes the key, and what it says."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from litellm_discover.core import findings as say
from litellm_discover.core.routers import judged
from litellm_discover.errors import DeadlineError, DiscoverError
from litellm_discover.finding import OUTCOMES, probe_place
from litellm_discover.io import snapshot, trust
from litellm_discover.io.attempt import attempt
from litellm_discover.io.connection import Connection
from litellm_discover.io.http import ProxyClient
from litellm_discover.io.threads import run_within, side_by_side
from litellm_discover.remembering import discover_one
from litellm_discover.sources import litellm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from litellm_discover.addresses import Place
    from litellm_discover.core.answers import Answer, Get
    from litellm_discover.core.checkup import Finding
    from litellm_discover.core.model import KeyReference
    from litellm_discover.core.origin import Origin
    from litellm_discover.finding import Discovery
    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places
    from litellm_discover.io.trust import Gate
    from litellm_discover.settings import ProxySettings, Settings

_REFUSED = "not asked: everybody on the way could read the key"

_LATE = DeadlineError("there was no time left for it", hint="Give it longer with --timeout.")


@dataclass(slots=True)
class Look:
    """One proxy: what listens where it may be, and what discovery made of it. Each half is filled in by itself.

    ``statuses`` has how each route has answered that was asked with the key, ``age`` how many seconds old what was
    remembered of it was before.
    """

    proxy: ProxySettings
    age: float | None
    spots: tuple[say.Spot, ...] | DiscoverError = _LATE
    version: str | None = None
    result: Discovery | DiscoverError = _LATE
    statuses: dict[str, int] = field(default_factory=dict)

    def listen(self, settings: Settings, places: Places, deadline: Deadline) -> None:
        """See who answers, without any credential."""
        self.spots = attempt(partial(self._listen, settings, places, deadline))

    def _listen(self, settings: Settings, places: Places, deadline: Deadline) -> tuple[say.Spot, ...]:
        gate = trust.Gate.open(places, insecure_http=settings.insecure_http)
        return run_within(deadline, self._spots, gate, deadline)

    def ask(self, settings: Settings, places: Places, deadline: Deadline) -> None:
        """Do what every run does, and listen to it."""
        self.result = attempt(partial(discover_one, self.proxy, settings, places, deadline, heard=self._heard))

    def _heard(self, get: Get) -> Get:
        def ask(path: str, *, credential: bool, max_bytes: int, sink: Callable[[bytes], None] | None = None) -> Answer:
            answer = get(path, credential=credential, max_bytes=max_bytes, sink=sink)
            if credential:
                self.statuses[path] = answer.status
            return answer

        return ask

    def _spots(self, gate: Gate, deadline: Deadline) -> tuple[say.Spot, ...]:
        return tuple(self._spot(place, gate, deadline) for place in self.proxy.places)

    def _spot(self, place: Place, gate: Gate, deadline: Deadline) -> say.Spot:
        if gate.refusal(place.origins[0]):
            return say.Spot(place.source, tuple((origin.root, _REFUSED) for origin in place.origins))
        probed = probe_place(place, deadline)
        answering = [each.origin for each in probed if each.outcome == "litellm"]
        trusted, strangers = gate.sort(answering, named=place.named)
        if trusted and self.version is None:
            self.version = _version(trusted[0], deadline)
        return say.Spot(
            place.source,
            tuple(
                (each.origin.root, OUTCOMES[each.outcome] + (", not trusted" if each.origin in strangers else ""))
                for each in probed
            ),
        )

    def findings(self) -> Iterator[Finding]:
        """What there is to say about it."""
        about, result = self.proxy.id, self.result
        if isinstance(self.spots, DiscoverError):  # whether that is grave, the result says
            yield replace(say.failed(self.spots, about=about), severity="warning")
        else:
            yield from say.answering(self.spots, about)
        if isinstance(result, DiscoverError):
            yield say.failed(result, about=about)
            if self.version:
                yield from say.version(self.version, about)
        else:
            yield from (say.noticed(notice, "proxy", about) for notice in result.notices)
            version = self.version or result.catalog.proxy.version
            yield say.models(result.catalog, about)
            yield from judged(result.routers, version, about)
            yield from say.version(version, about)
        yield say.key(self._key(), self.statuses, about)
        yield say.remembered(self.age, about)

    def _key(self) -> KeyReference | None:
        if not isinstance(self.result, DiscoverError):
            return self.result.catalog.proxy.key
        return next((place.key.reference for place in self.proxy.places if place.key), None)


def _version(origin: Origin, deadline: Deadline) -> str | None:
    """What a proxy says of its version, without the key: that counts where the key is refused, too."""
    with Connection(origin, deadline) as connection:
        return litellm.version(ProxyClient(connection))


def look_at(settings: Settings, places: Places, deadline: Deadline) -> tuple[Look, ...]:
    """All proxies, at the same time; a failure of one is kept with it."""
    looks = tuple(Look(proxy, _age(proxy, places)) for proxy in settings.proxies)
    halves = [half for look in looks for half in (look.listen, look.ask)]
    side_by_side([partial(half, settings, places, deadline) for half in halves])
    return looks


def _age(proxy: ProxySettings, places: Places) -> float | None:
    kept = snapshot.load(places, proxy.id, proxy.catalog)
    return kept.age(time.time()) if kept else None
