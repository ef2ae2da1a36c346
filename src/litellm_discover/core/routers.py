"""The routers of a proxy, and what its health checks make of them.

A router calls no model of its own: LiteLLM decides for each request which of its tiers answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from litellm_discover.core.checkup import Finding
from litellm_discover.core.transport import parse_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litellm_discover.core.payloads import Rows

_PREFIX = "auto_router/"

# Since then a router is as healthy as its tiers. Before, a health check asks for it as for a model, which fails.
_JUDGED_BY_TIERS = (1, 100, 0)

_UNCHECKED = "model_info.disable_background_health_check: true"
_SKIPPED = "general_settings.health_check_skip_disabled_background_models: true"


@dataclass(frozen=True, slots=True)
class Router:
    """A router by its id. ``unchecked`` when the proxy is told to leave it out of its background health checks."""

    id: str
    unchecked: bool


def routers(described: Rows | None) -> tuple[Router, ...]:
    """The routers among descriptions, in their order; of several deployments of one each has to be left out."""
    found: dict[str, bool] = {}
    for row in described.rows if described else ():
        if row.backend and row.backend.startswith(_PREFIX):
            found[row.id] = row.unchecked and found.get(row.id, True)
    return tuple(Router(model_id, unchecked) for model_id, unchecked in found.items())


def judged(known: tuple[Router, ...], version: str | None, about: str) -> Iterator[Finding]:
    """What there is to say about the routers of a proxy of this version. Nobody is asked for their health: that costs.

    Only one of the two settings that leave a router out can be seen with a key.
    """
    if not known:
        return
    names = ", ".join(router.id for router in known)
    checked = [router.id for router in known if not router.unchecked]
    count = f"{len(known)} router{'' if len(known) == 1 else 's'} ({names})"
    if (parse_version(version) or (0,)) >= _JUDGED_BY_TIERS:
        told = f"{count}, {len(known) - len(checked)} left out of health checks; others are as healthy as their tiers"
        yield Finding("models", "info", "routers", told, about=about, quotes=True)
    elif checked:
        told = f"health checks ask for routers as for models, which fails before LiteLLM 1.100: {', '.join(checked)}"
        step = f"Set {_UNCHECKED} on each, and {_SKIPPED}; or bring the proxy up to date."
        yield Finding("models", "warning", "routers_checked", told, step, about, quotes=True)
    else:
        told = f"{count}, all left out of background health checks"
        step = f"If /health shows them all the same: {_SKIPPED}, which no key can see."
        yield Finding("models", "info", "routers", told, step, about, quotes=True)
