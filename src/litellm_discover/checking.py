"""A check-up: everything is looked at with what the other commands use, and one failure hides nothing of the rest."""

from __future__ import annotations

import json
import platform
import sys
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from litellm_discover.checking_agents import agents, plugins
from litellm_discover.checking_proxies import Look, look_at
from litellm_discover.configuration import settings_for
from litellm_discover.core import findings as say
from litellm_discover.core.checkup import Finding, document, ordered, without_private
from litellm_discover.errors import DiscoverError
from litellm_discover.io import instance, watchdog
from litellm_discover.io.attempt import attempt
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.new_file import create
from litellm_discover.own import own_config, registry
from litellm_discover.remembering import Findings
from litellm_discover.service import unit_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.model import Notice
    from litellm_discover.io.places import Places
    from litellm_discover.settings import Flags, Settings

# Of the time for a run, what the proxies get: the files of the agents are compared after that.
_PART_FOR_PROXIES = 0.7


@dataclass(frozen=True, slots=True)
class Checkup:
    """What was found by which version of ours; ``hosts`` are those of other machines that it may speak of."""

    findings: tuple[Finding, ...]
    version: str
    hosts: frozenset[str] = frozenset()

    def document(self, *, generated_at: str) -> dict[str, JsonValue]:
        """The findings as JSON."""
        return document(self.findings, generated_at=generated_at)

    def keep(self, path: Path, places: Places, *, generated_at: str) -> Checkup:
        """Make a file for a bug report; when that fails, it is a finding like any other."""
        document = self._bundle(places, generated_at=generated_at)
        done = attempt(partial(create, path, (json.dumps(document, indent=2) + "\n").encode()))
        if isinstance(done, DiscoverError):
            return replace(self, findings=ordered([*self.findings, say.failed(done, "program")]))
        return self

    def _bundle(self, places: Places, *, generated_at: str) -> dict[str, JsonValue]:
        """With what the findings were found on, and without what is private."""
        program: dict[str, JsonValue] = {
            "version": self.version,
            "python": platform.python_version(),
            "implementation": platform.python_implementation(),
            "platform": platform.platform(),
        }
        shown = without_private(self.findings, str(places.home), self.hosts)
        return {**document(shown, generated_at=generated_at), "program": program}


def check(flags: Flags, places: Places, version: str, *, started: float) -> Checkup:
    """Look at everything; time counts from ``started`` on the monotonic clock. What fails is a finding."""
    settings, notices, found = _settings(flags, places)
    looks: tuple[Look, ...] = ()
    if settings:
        watchdog.limit(settings.timeout)
        looks = look_at(settings, places, Deadline(started + _PART_FOR_PROXIES * settings.timeout))
    for look in looks:
        found += _told(look.findings)
    found += _told(partial(agents, settings, _said(looks), places))
    found += _told(partial(plugins, places))
    found += _told(partial(_daemon, places))
    known = [each.message for each in found]
    found += [say.noticed(each, "settings") for each in notices if not any(map(each.message.endswith, known))]
    text = f"litellm-discover {version} on Python {platform.python_version()} ({sys.executable})"
    found.append(Finding("program", "info", "program", text))
    return Checkup(ordered(found), version, _hosts(settings))


def _settings(flags: Flags, places: Places) -> tuple[Settings | None, tuple[Notice, ...], list[Finding]]:
    """The settings, when all of our own files can be understood; else what is wrong with each of them."""
    looks: tuple[Callable[[], object], ...] = (partial(own_config, places), partial(registry, flags.registry, places))
    failures = [failure for failure in map(attempt, looks) if isinstance(failure, DiscoverError)]
    if not failures:
        done = attempt(partial(settings_for, flags, places))
        if not isinstance(done, DiscoverError):
            return *done, []
        failures = [done]
    return None, (), [say.failed(failure) for failure in failures]


def _said(looks: Iterable[Look]) -> Findings:
    """What all proxies together gave, as for a write."""
    found = {look.proxy.id: look.result for look in looks}
    return Findings(
        tuple(result for result in found.values() if not isinstance(result, DiscoverError)),
        {proxy_id: result for proxy_id, result in found.items() if isinstance(result, DiscoverError)},
    )


def _told(look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """What a look finds, as far as it gets."""
    found: list[Finding] = []
    end = attempt(lambda: found.extend(look()))
    return [*found, say.failed(end)] if isinstance(end, DiscoverError) else found


def _daemon(places: Places) -> Iterator[Finding]:
    unit = unit_path(places)
    running = instance.running(places)
    yield from say.daemon(instance.load(places), str(unit) if unit.exists() else None, running=running)


def _hosts(settings: Settings | None) -> frozenset[str]:
    origins = (
        origin for proxy in (settings.proxies if settings else ()) for place in proxy.places for origin in place.origins
    )
    return frozenset(origin.host for origin in origins if not origin.is_loopback)
