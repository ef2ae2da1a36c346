"""One refresh for the daemon, in a process of its own: ask the proxy, and bring what config.toml names up to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from litellm_discover.configuration import settings_for
from litellm_discover.core.kept import Kept, Trouble
from litellm_discover.errors import ConfigError, DiscoverError
from litellm_discover.finding import PROVIDER_ID
from litellm_discover.io.locks import lock
from litellm_discover.own import own_config
from litellm_discover.readiness import bring_up
from litellm_discover.remembering import discover
from litellm_discover.settings import flags_in
from litellm_discover.targets import target_names

if TYPE_CHECKING:
    from litellm_discover.finding import Discovery
    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places
    from litellm_discover.settings import Settings


def keep(places: Places, deadline: Deadline) -> Kept:
    """What was done for the proxy. What goes wrong is in it; one target that fails does not keep others from theirs.

    When nothing has changed, nothing is written.
    """
    try:
        with lock(places.cache() / "refresh", places.locks(), deadline):
            targets = target_names(own_config(places).write)
            settings, _ = settings_for(flags_in(places.variables), places, targets)
            discovery = discover(settings, places, deadline, sparing=True)
            wrote, troubles = _written(targets, discovery, settings, places, deadline)
    except DiscoverError as error:
        return Kept(PROVIDER_ID, troubles=(Trouble.of(error),))
    if discovery.stale:
        said = (Trouble(notice.code, notice.message) for notice in discovery.notices if notice.code == "stale")
        return Kept(PROVIDER_ID, wrote=wrote, troubles=(*said, *troubles))
    root = discovery.catalog.proxy.base_url.removesuffix("/v1")
    models = tuple(model.id for model in discovery.catalog.models)
    return Kept(PROVIDER_ID, root, models, wrote, troubles)


def _written(
    targets: tuple[str, ...], discovery: Discovery, settings: Settings, places: Places, deadline: Deadline
) -> tuple[tuple[str, ...], tuple[Trouble, ...]]:
    wrote: list[str] = []
    troubles: list[Trouble] = []
    for target in targets:
        try:
            done = bring_up(target, discovery, settings, places, deadline, sparing=True)
        except ConfigError as error:
            troubles.append(Trouble(error.code, f"{target}: {error.message}"))
        else:
            wrote += [Path(done.path).name] if done.changes else []
    return tuple(wrote), tuple(troubles)
