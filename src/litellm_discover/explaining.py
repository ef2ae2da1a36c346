"""Why one model is described as it is, and what each agent gets of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from litellm_discover.core.explain import RULES, Statement, statements
from litellm_discover.core.unknown import not_offered
from litellm_discover.remembering import discover
from litellm_discover.rendering import fragments
from litellm_discover.targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.model import Model
    from litellm_discover.finding import Discovery
    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places
    from litellm_discover.remembering import Findings
    from litellm_discover.settings import Settings


@dataclass(frozen=True, slots=True)
class Explained:
    """A model of one proxy with what decided on it.

    ``discovery`` has no other model. ``statements`` are empty when it is only remembered. ``rules`` says what the
    sources of its fields mean, as far as they need it.
    """

    discovery: Discovery
    model: Model
    statements: tuple[Statement, ...]
    rules: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A model at each proxy that offers it, and what each tool gets of all that.

    ``findings`` have those proxies, with that model alone, and those that failed.
    """

    findings: Findings
    explained: tuple[Explained, ...]
    targets: Mapping[str, JsonValue]


def explain(model_id: str, settings: Settings, places: Places, deadline: Deadline) -> Explanation:
    """What is known of one model, and why. Raises UsageError for one that is not offered, and as ``discover`` does."""
    findings = discover(settings, places, deadline, about=model_id)
    explained = tuple(filter(None, (_explained(model_id, discovery) for discovery in findings.discoveries)))
    if not explained:
        raise not_offered(model_id, findings.catalogs)
    alone = replace(findings, discoveries=tuple(each.discovery for each in explained))
    return Explanation(alone, explained, dict(fragments(alone.catalogs, settings, places, TARGETS)))


def _explained(model_id: str, discovery: Discovery) -> Explained | None:
    catalog = discovery.catalog
    model = next((model for model in catalog.models if model.id == model_id), None)
    if model is None:
        return None
    return Explained(
        replace(discovery, catalog=replace(catalog, models=(model,), hidden=())),
        model,
        tuple(statements(discovery.evidence)) if discovery.evidence else (),
        {source: RULES[source] for source in model.sources.values() if source in RULES},
    )
