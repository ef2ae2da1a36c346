"""Making an agent ready before it starts: from what is remembered, and without waiting for the proxy."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from litellm_discover.configuration import settings_for
from litellm_discover.errors import ConfigError, ProxyNotFoundError, SeveralError
from litellm_discover.io import files, snapshot, stamp
from litellm_discover.io.background import start_refresh
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.locks import lock
from litellm_discover.own import registry_path
from litellm_discover.planning import plan_write
from litellm_discover.remembering import discover
from litellm_discover.settings import Settings, flags_in
from litellm_discover.targets import TARGETS
from litellm_discover.writing import carry_out

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from litellm_discover.io.places import Places
    from litellm_discover.remembering import Findings
    from litellm_discover.writing import WritePlan


def make_ready(target: str, places: Places, deadline: Deadline) -> None:
    """Bring a target up to what is remembered, and have it renewed in the background when that is old, or not all.

    Only when nothing is remembered the proxies are asked, and waited for until the deadline. Raises DiscoverError.
    """
    settings = _settings([target], places)
    try:
        findings = discover(replace(settings, offline=True), places, deadline)
    except (ProxyNotFoundError, SeveralError):
        findings = discover(settings, places, deadline)
    bring_up(target, findings, settings, places, deadline)
    old = findings.failed or time.time() - findings.taken_at >= stamp.MAX_AGE_SECONDS
    if old and not stamp.kept(str(places.home), places.variables):
        start_refresh(target)


def refresh(targets: Collection[str], places: Places, deadline: Deadline) -> None:
    """Ask the proxy, remember what it says, and bring targets up to it; nothing while another process does.

    Raises DiscoverError.
    """
    try:
        with lock(places.cache() / "refresh", places.locks(), Deadline(time.monotonic())):
            settings = _settings(targets, places)
            findings = discover(settings, places, deadline)
            for target in targets:
                bring_up(target, findings, settings, places, deadline)
    except ConfigError as error:
        if error.code != "locked":
            raise


def _settings(targets: Collection[str], places: Places) -> Settings:
    settings, _ = settings_for(flags_in(places.variables), places, targets)
    return settings


def bring_up(
    target: str, findings: Findings, settings: Settings, places: Places, deadline: Deadline, *, sparing: bool = False
) -> WritePlan:
    """Write what was found to a target, and remember that nothing has to be done; gives what was done.

    With ``sparing``, that is remembered only after a change. Raises ConfigError.
    """
    plan = plan_write(target, findings.catalogs, settings.responses_style, places, prune=True, silent=findings.silent)
    done = carry_out(plan, places, deadline)
    if sparing and not done.changes:
        return done
    remembered = (str(snapshot.path_of(places, proxy.id, snapshot.CATALOG)) for proxy in settings.proxies)
    data = stamp.make(findings.taken_at, places.variables, (*looked_at(places), *remembered))
    path = Path(stamp.path_of(target, str(places.home), places.variables))
    with files.locked(path, locks=places.locks(), deadline=deadline) as file:
        file.update(lambda _: data)
    return done


def looked_at(places: Places) -> Iterator[str]:
    """The person's files that decide what is asked and what is written. Raises UsageError."""
    yield str(places.pins())
    yield str(places.own_config())
    yield str(registry_path(flags_in(places.variables).registry, places))
    for target in TARGETS.values():
        yield str(places.credentials(target.NAME))
        yield from (str(places.config(target.NAME) / name) for name in target.FILES)
