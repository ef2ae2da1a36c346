"""One refresh for the daemon, in a process of its own: ask the proxy, and bring what config.toml names up to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from litellm_discover.configuration import settings_for
from litellm_discover.core.kept import Kept, Trouble
from litellm_discover.errors import ConfigError, DiscoverError
from litellm_discover.io.locks import lock
from litellm_discover.own import own_config
from litellm_discover.readiness import bring_up
from litellm_discover.remembering import Findings, discover_one
from litellm_discover.settings import flags_in
from litellm_discover.targets import target_names

if TYPE_CHECKING:
    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places
    from litellm_discover.settings import Settings


def keep(proxy_id: str, places: Places, deadline: Deadline) -> Kept:
    """What was done for one proxy; what is written of the others stays as it is.

    What goes wrong is in it, and one target that fails does not keep others from theirs. When nothing has changed,
    nothing is written.
    """
    try:
        with lock(places.cache() / f"refresh-{proxy_id}", places.locks(), deadline):
            targets = target_names(own_config(places).write)
            settings, _ = settings_for(flags_in(places.variables), places, targets)
            if proxy_id not in {proxy.id for proxy in settings.proxies}:
                return Kept(proxy_id)  # it was taken out of config.toml a moment ago
            proxy = settings.proxy(proxy_id)
            discovery = discover_one(proxy, settings, places, deadline, sparing=True)
            others = frozenset(other.id for other in settings.proxies) - {proxy_id}
            wrote, troubles = _written(targets, Findings((discovery,), unasked=others), settings, places, deadline)
    except DiscoverError as error:
        return Kept(proxy_id, troubles=(Trouble.of(error),))
    if discovery.stale:
        said = (Trouble(notice.code, notice.message) for notice in discovery.notices if notice.code == "stale")
        return Kept(proxy_id, wrote=wrote, troubles=(*said, *troubles))
    root = discovery.catalog.proxy.base_url.removesuffix("/v1")
    models = tuple(model.id for model in discovery.catalog.models)
    return Kept(proxy_id, root, models, wrote, troubles)


def _written(
    targets: tuple[str, ...], findings: Findings, settings: Settings, places: Places, deadline: Deadline
) -> tuple[tuple[str, ...], tuple[Trouble, ...]]:
    wrote: list[str] = []
    troubles: list[Trouble] = []
    for target in targets:
        try:
            done = bring_up(target, findings, settings, places, deadline, sparing=True)
        except ConfigError as error:
            troubles.append(Trouble(error.code, f"{target}: {error.message}"))
        else:
            wrote += [Path(done.path).name] if done.changes else []
    return tuple(wrote), tuple(troubles)
