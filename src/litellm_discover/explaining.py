"""Why one model is described as it is, and what each agent gets of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from litellm_discover.core.explain import RULES, Statement, statements
from litellm_discover.errors import UsageError
from litellm_discover.remembering import discover, fragments
from litellm_discover.targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.model import Model
    from litellm_discover.finding import Discovery
    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places
    from litellm_discover.settings import Settings


@dataclass(frozen=True, slots=True)
class Explained:
    """A model with what decided on it.

    ``discovery`` has no other model. ``statements`` are empty when it is only remembered. ``rules`` says what the
    sources of its fields mean, as far as they need it; ``targets`` is what each tool gets of it.
    """

    discovery: Discovery
    model: Model
    statements: tuple[Statement, ...]
    rules: Mapping[str, str]
    targets: Mapping[str, JsonValue]


def explain(model_id: str, settings: Settings, places: Places, deadline: Deadline) -> Explained:
    """What is known of one model, and why. Raises UsageError for one that is not offered, and as ``discover`` does."""
    discovery = discover(settings, places, deadline, about=model_id)
    catalog = discovery.catalog
    model = next((model for model in catalog.models if model.id == model_id), None)
    if model is None:
        raise _unknown(model_id, discovery)
    alone = replace(discovery, catalog=replace(catalog, models=(model,), hidden=()))
    return Explained(
        alone,
        model,
        tuple(statements(discovery.evidence)) if discovery.evidence else (),
        {source: RULES[source] for source in model.sources.values() if source in RULES},
        dict(fragments(alone, settings, places, TARGETS)),
    )


def _unknown(model_id: str, discovery: Discovery) -> UsageError:
    """Not offered: left out, or not there at all, and then perhaps a slip of the pen."""
    hidden = next((entry for entry in discovery.catalog.hidden if entry.id == model_id), None)
    if hidden:
        return UsageError(
            f"the proxy lists that model, but it is left out: {hidden.reason}",
            code="model_hidden",
            hint="litellm-discover --verbose shows everything that is left out.",
        )
    alike = get_close_matches(model_id, [model.id for model in discovery.catalog.models], n=3)
    return UsageError(
        "the proxy offers no model of that id",
        code="model_unknown",
        hint=f"Did you mean {', '.join(alike)}?" if alike else "litellm-discover lists those that there are.",
    )
