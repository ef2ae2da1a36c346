"""The JSON that scripts and shims read; its schema is docs/envelope.schema.json."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from litellm_discover.core.limits import json_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.model import Catalog, Cost, Model, Notice, Tier
    from litellm_discover.errors import DiscoverError

SCHEMA_VERSION = 1

T = TypeVar("T")

Status = Literal["ok", "stale", "partial", "error"]


@dataclass(frozen=True, slots=True)
class Answered:
    """What one proxy gave, in how many milliseconds; ``stale_seconds`` ago when it is silent now."""

    catalog: Catalog
    elapsed_ms: int
    stale_seconds: int | None = None


def success(
    answered: Sequence[Answered],
    targets: Mapping[str, JsonValue],
    notices: Iterable[Notice],
    errors: Sequence[DiscoverError] = (),
    *,
    generated_at: str,
) -> dict[str, JsonValue]:
    """The envelope of a discovery; ``partial`` when not all was told, or something failed.

    ``stale`` when every proxy is silent, and what each said last is used.
    """
    stale = [each.stale_seconds is not None for each in answered]
    whole = not any(stale) and not errors and all(each.catalog.complete for each in answered)
    status: Status = "stale" if all(stale) else "ok" if whole else "partial"
    return {
        **_head(status, generated_at),
        "proxies": [_proxy(each) for each in answered],
        "models": [model_fields(model, each.catalog.proxy.id) for each in answered for model in each.catalog.models],
        "hidden": [{"id": entry.id, "reason": entry.reason} for each in answered for entry in each.catalog.hidden],
        "targets": dict(targets),
        "warnings": [{"code": notice.code, "message": notice.message} for notice in notices],
        "errors": [_error(error) for error in errors],
    }


def _proxy(answered: Answered) -> dict[str, JsonValue]:
    proxy = answered.catalog.proxy
    fields: dict[str, JsonValue] = {
        "id": proxy.id,
        "baseUrl": proxy.base_url,
        "elapsedMs": answered.elapsed_ms,
    }
    if proxy.version:
        fields["version"] = proxy.version
    if proxy.key:
        fields["key"] = str(proxy.key)
    if answered.stale_seconds is not None:
        fields["ageSeconds"] = answered.stale_seconds
    return fields


def for_shim(catalog: Catalog, targets: Mapping[str, JsonValue], *, generated_at: str) -> dict[str, JsonValue]:
    """The part of the envelope that a shim reads: what to add, and when the proxy said so."""
    return {**_head("ok" if catalog.complete else "partial", generated_at), "targets": dict(targets)}


def failure(errors: Iterable[DiscoverError], *, generated_at: str) -> dict[str, JsonValue]:
    """The envelope of an expected failure: the same shape, with nothing found."""
    return {
        **_head("error", generated_at),
        "proxies": [],
        "models": [],
        "hidden": [],
        "targets": {},
        "warnings": [],
        "errors": [_error(error) for error in errors],
    }


def _error(error: DiscoverError) -> dict[str, JsonValue]:
    return {"code": error.code, "message": error.message, "hint": error.hint}


def _head(status: Status, generated_at: str) -> dict[str, JsonValue]:
    return {"schemaVersion": SCHEMA_VERSION, "status": status, "generatedAt": generated_at}


def model_fields(model: Model, proxy: str) -> dict[str, JsonValue]:
    """One model; what is unknown is absent."""
    fields: dict[str, JsonValue] = {
        "id": model.id,
        "name": model.name,
        "proxy": proxy,
        "owner": model.owner,
        "mode": model.mode,
        "transport": model.transport,
        "reasoning": model.reasoning,
        "efforts": None if model.efforts is None else [*model.efforts],
        "input": [*model.input],
        "output": [*model.output],
        "toolCall": model.tool_call,
        "limit": _known({"context": model.limit.context, "output": model.limit.output}) or None,
        "cost": _cost(model.cost) if model.cost else None,
        "deprecated": model.deprecated,
        "parameters": dict(model.parameters) or None,
        "sources": dict(model.sources),
    }
    return _known(fields)


def _cost(cost: Cost) -> JsonValue:
    tiers: list[JsonValue] = [{"above": tier.above, **_prices(tier)} for tier in cost.tiers]
    return {**_prices(cost), **({"tiers": tiers} if tiers else {})}


def _prices(prices: Cost | Tier) -> dict[str, JsonValue]:
    known = _known(
        {
            "input": prices.input,
            "output": prices.output,
            "cacheRead": prices.cache_read,
            "cacheWrite": prices.cache_write,
        }
    )
    return {name: json_number(price) for name, price in known.items()}


def _known(fields: Mapping[str, T | None]) -> dict[str, T]:
    return {name: value for name, value in fields.items() if value is not None}
