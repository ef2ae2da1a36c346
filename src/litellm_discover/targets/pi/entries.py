"""What Pi is told: providers and models, in the format of its models.json."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from litellm_discover.core.host import AS_NEWEST
from litellm_discover.core.limits import json_number
from litellm_discover.core.ownership import members_at
from litellm_discover.core.providers import MODELS, names_of, title_of
from litellm_discover.targets.pi.compat import has, request_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litellm_discover.core.host import Rendering, Version
    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.model import Catalog, Cost, Model, Tier, Transport
    from litellm_discover.core.providers import Fields, Providers

NAME = "pi"

API: dict[Transport, str] = {"chat": "openai-completions", "responses": "openai-responses"}

# Pi refuses a provider without a key. No program sets a variable of this name, which 0.76 and older would look up.
NO_KEY = "no-key"

# $NAME is a reference from here on; before, NAME was one.
FIRST_WITH_DOLLAR = (0, 77, 0)

# cost.tiers is ignored by older versions.
FIRST_WITH_TIERS = (0, 80, 6)

# Pi's levels of thinking beside "off", and the efforts that every reasoning model takes.
_LEVELS = ("minimal", "low", "medium", "high", "xhigh", "max")
_COMMON_EFFORTS = ("low", "medium", "high")


def render(catalog: Catalog, rendering: Rendering = AS_NEWEST) -> dict[str, JsonValue]:
    """The configuration fragment that offers every model of the catalog, each exactly once."""
    return {"providers": {name: _listed(provider) for name, provider in providers_of(catalog, rendering).items()}}


def render_complete(catalog: Catalog, rendering: Rendering = AS_NEWEST) -> dict[str, JsonValue]:
    """The fragment for an extension's ``registerProvider``, which crashes Pi when a field is missing.

    What is unknown has the value that Pi itself assumes for it in models.json.
    """
    assumed: dict[str, JsonValue] = {
        "cost": {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0},
        "contextWindow": 128000,
        "maxTokens": 16384,
    }
    providers = providers_of(catalog, rendering).items()
    return {"providers": {name: _listed(provider, assumed) for name, provider in providers}}


def providers_of(catalog: Catalog, rendering: Rendering) -> Providers:
    """The providers of the fragment, with their models by id.

    ``per-model``, the default, keeps all models in one provider, each with its own ``api``; ``sibling`` puts those of
    the responses transport under a provider of their own.
    """
    first, sibling = names_of(catalog.proxy.id)
    models: dict[str, dict[str, JsonValue]] = {first: {}, sibling: {}}
    for model in catalog.models:
        entry, transport = _entry(model, rendering.version)
        home = sibling if transport == "responses" and rendering.style == "sibling" else first
        models[home][model.id] = entry
    providers = {first: _provider(catalog, "chat", models[first], rendering.version)}
    if models[sibling]:
        providers[sibling] = _provider(catalog, "responses", models[sibling], rendering.version)
    return providers


def key_text(catalog: Catalog, version: Version | None) -> str:
    """The reference to the key that Pi follows when it sends a request, or what stands for none."""
    if catalog.proxy.key is None:
        return NO_KEY
    plain = version is not None and version < FIRST_WITH_DOLLAR
    return catalog.proxy.key_variable if plain else f"${catalog.proxy.key_variable}"


def _provider(catalog: Catalog, transport: Transport, models: dict[str, JsonValue], version: Version | None) -> Fields:
    return {
        "name": title_of(catalog.proxy.id, sibling=transport == "responses"),
        "baseUrl": catalog.proxy.base_url,
        "apiKey": key_text(catalog, version),
        "api": API[transport],
        MODELS: models,
    }


def _listed(provider: Fields, assumed: Mapping[str, JsonValue] | None = None) -> JsonValue:
    """A provider with its models as a list, each with what is ``assumed`` where it says nothing."""
    models = members_at(provider, MODELS).values()
    return {**provider, MODELS: [{**(assumed or {}), **members_at(entry)} for entry in models]}


def _entry(model: Model, version: Version | None) -> tuple[dict[str, JsonValue], Transport]:
    """One model, and the route that it takes in this version of Pi. What is unknown is left out."""
    transport, fields = request_fields(model, version)
    reasoning = bool(model.reasoning) and not (transport == "responses" and model.efforts == ())
    entry: dict[str, JsonValue] = {
        "id": model.id,
        "name": model.name,
        "api": API[transport],
        "reasoning": reasoning,
        "input": ["text", *(["image"] if "image" in model.input else [])],
    }
    if model.limit.context:
        entry["contextWindow"] = model.limit.context
    if model.limit.output:
        entry["maxTokens"] = model.limit.output
    if model.cost:
        entry["cost"] = _cost(model.cost, version)
    if reasoning and model.efforts != ():
        entry["thinkingLevelMap"] = _thinking_levels(model.efforts, transport)
    return {**entry, **fields}, transport


def _cost(cost: Cost, version: Version | None) -> JsonValue:
    tiers: list[JsonValue] = [{"inputTokensAbove": tier.above, **_prices(tier)} for tier in cost.tiers]
    return {**_prices(cost), **({"tiers": tiers} if tiers and has(version, FIRST_WITH_TIERS) else {})}


def _prices(prices: Cost | Tier) -> dict[str, JsonValue]:
    """All four prices, as Pi wants them.

    Without a price of their own, cached tokens cost what others do: so LiteLLM bills them, too.
    """
    named = {
        "input": prices.input,
        "output": prices.output,
        "cacheRead": prices.input if prices.cache_read is None else prices.cache_read,
        "cacheWrite": prices.input if prices.cache_write is None else prices.cache_write,
    }
    return {name: json_number(price) for name, price in named.items()}


# Thousands of models share few of these values; nobody changes them.
@lru_cache(maxsize=64)
def _thinking_levels(efforts: tuple[str, ...] | None, transport: Transport) -> JsonValue:
    """The effort that is sent for each level of thinking; None hides a level.

    For "off" Pi sends nothing on the chat route, which every backend takes, unless an effort is named for it; on the
    responses route it sends "none", which is an error where that is not stated.
    """
    known = _COMMON_EFFORTS if efforts is None else efforts
    off: dict[str, JsonValue] = {"off": "none"} if "none" in known else {}
    if not off and transport == "responses":
        off = {"off": None}
    return {**off, **{level: level if level in known else None for level in _LEVELS}}
