"""What OpenCode is told: providers and models, in the format that OpenCode 1 and 2 both read."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from litellm_discover.core.host import AS_NEWEST
from litellm_discover.core.jsonc import Verbatim
from litellm_discover.core.limits import json_number
from litellm_discover.core.providers import names_of, title_of

if TYPE_CHECKING:
    from litellm_discover.core.host import Rendering
    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.model import Catalog, Cost, Model, Tier, Transport
    from litellm_discover.core.providers import Providers

NAME = "opencode"

# Both SDKs are inside OpenCode's binary; any other would be installed at the first request.
SDK: dict[Transport, str] = {"chat": "@ai-sdk/openai-compatible", "responses": "@ai-sdk/openai"}

# What cost.context_over_200k is about, in tokens.
LARGE = 200_000

# The efforts that OpenCode generates by itself for a reasoning model of this SDK, at the most.
_GENERATED_EFFORTS: dict[Transport, tuple[str, ...]] = {
    "chat": ("low", "medium", "high"),
    "responses": ("none", "minimal", "low", "medium", "high", "xhigh"),
}


def render(catalog: Catalog, rendering: Rendering = AS_NEWEST) -> dict[str, JsonValue]:
    """The configuration fragment that offers every model of the catalog, each exactly once."""
    return {"provider": {**providers_of(catalog, rendering)}}


def providers_of(catalog: Catalog, rendering: Rendering) -> Providers:
    """The providers of the fragment.

    ``sibling``, the default, puts models of the responses transport under a provider of their own, ``per-model`` gives
    them their SDK inside the first one. A key that only OpenCode's provider ``litellm`` has cannot serve
    ``@ai-sdk/openai`` safely in either form: then all models take the chat transport.
    """
    chat: dict[str, JsonValue] = {}
    responses: dict[str, JsonValue] = {}
    for model in catalog.models:
        if model.transport == "chat" or only_opencode_has_key(catalog):
            chat[model.id] = _entry(model, "chat")
        elif rendering.style != "per-model":
            responses[model.id] = _entry(model, "responses")
        else:
            own_sdk: JsonValue = {"npm": SDK["responses"], "api": catalog.proxy.base_url}
            chat[model.id] = {**_entry(model, "responses"), "provider": own_sdk}
    mixed = any(isinstance(entry, dict) and "provider" in entry for entry in chat.values())
    first, sibling = names_of(catalog.proxy.id)
    providers = {first: _provider(catalog, "chat", chat, with_key=mixed)}
    if responses:
        providers[sibling] = _provider(catalog, "responses", responses, with_key=True)
    return providers


def only_opencode_has_key(catalog: Catalog) -> bool:
    """Whether the only copy of the key is OpenCode's own, where only its provider ``litellm`` can use it."""
    return catalog.proxy.key is not None and catalog.proxy.key.host == NAME


def key_text(catalog: Catalog) -> Verbatim:
    """The reference to the key that OpenCode substitutes when it reads the file."""
    return Verbatim(f"{{env:{catalog.proxy.key_variable}}}")


def _provider(
    catalog: Catalog, transport: Transport, models: dict[str, JsonValue], *, with_key: bool
) -> dict[str, JsonValue]:
    """A provider in full.

    ``env`` must name exactly one variable, or OpenCode drops its value; it lets ``opencode auth`` serve as well.
    A model on ``@ai-sdk/openai`` without a key would send the person's OPENAI_API_KEY to the proxy. ``apiKey``
    prevents that even when the variable is not set: an empty key is sent then, and no other is looked for.
    """
    options: dict[str, JsonValue] = {"baseURL": catalog.proxy.base_url}
    if with_key:
        options["apiKey"] = key_text(catalog)
    return {
        "npm": SDK[transport],
        "name": title_of(catalog.proxy.id, sibling=transport == "responses"),
        "env": [catalog.proxy.key_variable],
        "options": options,
        "models": models,
    }


def _entry(model: Model, transport: Transport) -> dict[str, JsonValue]:
    """One model. What OpenCode 1 and 2 fill in differently is always said; what is unknown never is."""
    entry: dict[str, JsonValue] = {
        "name": model.name,
        "tool_call": model.tool_call is not False,
        "attachment": model.input != ("text",),
        "modalities": _modalities(model.input, model.output),
    }
    if model.reasoning is not None:
        entry["reasoning"] = model.reasoning
    if model.reasoning and model.efforts is not None:
        entry["variants"] = _variants(model.efforts, transport)
    if model.limit.context and model.limit.output:  # one without the other keeps OpenCode from starting
        entry["limit"] = {"context": model.limit.context, "output": model.limit.output}
    if model.cost:
        entry["cost"] = _cost(model.cost)
    return entry


def _cost(cost: Cost) -> JsonValue:
    """The prices; OpenCode has one name for those of large requests, of more than 200,000 tokens."""
    large = next((tier for tier in cost.tiers if tier.above == LARGE), None)
    return {**_prices(cost), **({"context_over_200k": _prices(large)} if large else {})}


def _prices(prices: Cost | Tier) -> dict[str, JsonValue]:
    named = {
        "input": prices.input,
        "output": prices.output,
        "cache_read": prices.cache_read,
        "cache_write": prices.cache_write,
    }
    return {name: json_number(price) for name, price in named.items() if price is not None}


# Thousands of models share few of these values; nobody changes them.
@lru_cache(maxsize=64)
def _modalities(inputs: tuple[str, ...], outputs: tuple[str, ...]) -> dict[str, JsonValue]:
    return {"input": [*inputs], "output": [*outputs]}


@lru_cache(maxsize=64)
def _variants(efforts: tuple[str, ...], transport: Transport) -> dict[str, JsonValue]:
    """One variant for each effort; those that OpenCode would offer all the same are switched off."""
    extra: dict[str, JsonValue] = {}
    if transport == "responses":
        extra = {"reasoningSummary": "auto", "include": ["reasoning.encrypted_content"]}
    variants: dict[str, JsonValue] = {effort: {"reasoningEffort": effort, **extra} for effort in efforts}
    for effort in _GENERATED_EFFORTS[transport]:
        variants.setdefault(effort, {"disabled": True})
    return variants
