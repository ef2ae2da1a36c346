"""Why a model is described as it is: what each source states of it, and which rules there are."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import TYPE_CHECKING

from litellm_discover.core.limits import json_number
from litellm_discover.core.understanding import LISTED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.understanding import Evidence

RULES: Mapping[str, str] = {
    "proxy:mode": "mode responses is called on /v1/responses",
    "proxy:supported_endpoints": "exactly one of the two routes is listed",
    "rule:backend": "measured of this kind of backend (docs/parameters.md)",
    "rule:chat-unless-stated": "nothing speaks for /v1/responses",
    "rule:formatter": "spelled from the id; no catalog has an official name for exactly this id",
    "rule:id-prefix": "the first segment of the id",
    "rule:no-responses-before-1.63.8": "this version of LiteLLM has no /v1/responses",
    "rule:openai-reasoning-family": "gpt-5 and later, o1, o3, o4: OpenAI refuses tools with an effort on chat",
    "rule:router-tiers": "the least that all tiers of the router can do, at the highest price",
    "rule:text-unless-stated": "nothing speaks for more than text",
    "rule:vision-family": "this family of models reads images",
}
"""What the sources mean that do not explain themselves."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one source states of a model; nothing in ``fields`` is unknown."""

    source: str
    fields: Mapping[str, JsonValue]


def statements(evidence: Evidence) -> Iterator[Statement]:
    """All that was stated, from the highest source: the list, each deployment, and the provider catalogs."""
    described = evidence.described
    deployments = (described.deployments or (described,)) if described else ()
    yield Statement(LISTED, _stated(evidence.listed))
    for deployment in deployments:
        yield Statement(evidence.described_by, _stated(deployment))
    published: dict[str, dict[str, JsonValue]] = {}
    for source, facts in reversed(evidence.public.layers if evidence.public else ()):
        published.setdefault(source, {}).update(_stated(facts))
    yield from (Statement(source, said) for source, said in published.items())


def _stated(row: object) -> dict[str, JsonValue]:
    """The fields of a row or of facts that say something; prices of a row are USD per token."""
    values = ((field.name, getattr(row, field.name)) for field in fields(row))  # type: ignore[arg-type] # a dataclass
    said = ((name, _json(value)) for name, value in values if value is not None and name not in {"id", "deployments"})
    return {name: value for name, value in said if value not in ({}, [])}


def _json(value: object) -> JsonValue:
    if isinstance(value, Decimal):
        return json_number(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    if isinstance(value, dict):
        return {name: _json(item) for name, item in value.items() if item is not None}
    if hasattr(value, "__dataclass_fields__"):
        return _stated(value)
    return value if isinstance(value, str | int | float | bool) else str(value)
