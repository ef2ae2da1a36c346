"""The use cases, and everything that the command line may use: what is not exported here is not its business."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from litellm_discover.configuration import host_options
from litellm_discover.core.envelope import failure, success
from litellm_discover.finding import OUTCOMES, Discovery
from litellm_discover.io import shim, trust, watchdog
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.places import Places
from litellm_discover.readiness import make_ready, refresh
from litellm_discover.remembering import discover, fragments
from litellm_discover.targets import TARGETS
from litellm_discover.writing import WritePlan, carry_out, plan_write, undo

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractContextManager

    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.model import Notice
    from litellm_discover.errors import ConfigError
    from litellm_discover.installing import Installed, Uninstalled
    from litellm_discover.settings import Settings

__all__ = [
    "OUTCOMES",
    "SHIMS",
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
    "install",
    "make_ready",
    "pin",
    "pins",
    "plan_write",
    "refresh",
    "target_names",
    "undo",
    "uninstall",
    "unpin",
    "watchdog",
]

# The tools that a plugin of ours runs in.
SHIMS = tuple(shim.FOLDERS)


@dataclass(frozen=True, slots=True)
class Result:
    """A run that found a proxy: what there is to say about it, and which targets could not be written."""

    discovery: Discovery
    notices: tuple[Notice, ...]
    errors: Sequence[ConfigError] = ()


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


def install(target: str, places: Places, deadline: Deadline) -> Installed:
    """Put our plugin into the place where one of SHIMS finds it. Raises ConfigError."""
    from litellm_discover.installing import install as run

    return run(target, places, deadline)


def uninstall(target: str, places: Places, deadline: Deadline) -> Uninstalled:
    """Take away what that made, as far as nobody changed it. Raises ConfigError."""
    from litellm_discover.installing import uninstall as run

    return run(target, places, deadline)


def target_names(names: Iterable[str]) -> tuple[str, ...]:
    """The targets meant by names given by a person, ``all`` among them, each once and in our own order."""
    wanted = set(names)
    return tuple(name for name in TARGETS if name in wanted or "all" in wanted)


def envelope(
    result: Result, settings: Settings, places: Places, *, for_target: str | None, generated_at: str
) -> dict[str, JsonValue]:
    """The JSON document of a run, with what the shims of every target need, or that of the one asked for."""
    discovery = result.discovery
    return success(
        discovery.catalog,
        dict(fragments(discovery, settings, places, target_names([for_target or "all"]))),
        result.notices,
        result.errors,
        generated_at=generated_at,
        elapsed_ms=discovery.elapsed_ms,
        stale_seconds=int(discovery.age(time.time())) if discovery.stale else None,
    )
