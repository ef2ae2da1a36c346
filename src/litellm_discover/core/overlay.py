"""The person's own word on a model, over all that others say of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from litellm_discover.core.model import Limit

if TYPE_CHECKING:
    from litellm_discover.core.model import Model
    from litellm_discover.core.registry import Entry

SOURCE = "user:registry"


def overlaid(model: Model, entry: Entry) -> Model:
    """The model as an entry of the registry changes it: what the entry does not say stays as it is."""
    facts = entry.facts
    limit = Limit(facts.limit.context or model.limit.context, facts.limit.output or model.limit.output)
    said: dict[str, Any] = {
        "name": facts.name,
        "owner": entry.owner,
        "reasoning": facts.reasoning,
        "efforts": facts.efforts,
        "limit": limit if facts.limit != Limit() else None,
        "cost": facts.cost,
    }
    fields = {name: value for name, value in said.items() if value is not None}
    sources = {**model.sources, **dict.fromkeys(fields, SOURCE)}
    if "limit" in fields and None in {facts.limit.context, facts.limit.output} and limit != facts.limit:
        sources["limit"] = f"{SOURCE}, {model.sources['limit']}" if "limit" in model.sources else SOURCE
    if facts.reasoning is False:  # and so there is nothing to choose
        fields["efforts"] = None
        sources.pop("efforts", None)
    return replace(model, **fields, sources=sources)
