"""How our entries get into a person's OpenCode configuration, and when they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litellm_discover.core.merge import Merge, additions
from litellm_discover.core.model import Notice
from litellm_discover.core.origin import parse_origins
from litellm_discover.errors import ConfigError, UsageError
from litellm_discover.targets.opencode.entries import (
    CHAT,
    RESPONSES,
    SDK,
    key_text,
    key_variable,
    only_host_has_key,
    render,
)
from litellm_discover.targets.opencode.options import object_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.model import Catalog
    from litellm_discover.core.transport import ResponsesStyle


def merge(config: JsonValue, catalog: Catalog, style: ResponsesStyle = "sibling") -> Merge:
    """How to add the catalog to a person's configuration without changing what is there.

    A model whose key stands under either provider is the person's: it is left as it is and added to neither.
    Raises ConfigError when the configuration speaks of another proxy, or of one in OpenCode 2's own format.
    """
    _refuse_foreign(config, catalog)
    curated = {key for name in (CHAT, RESPONSES) for key in object_at(config, "provider", name, "models")}
    wanted: dict[str, JsonValue] = {}
    added: list[str] = []
    kept: list[str] = []
    for name, provider in object_at(render(catalog, style), "provider").items():
        models = object_at(provider, "models")
        new = {key: entry for key, entry in models.items() if key not in curated}
        kept += [key for key in models if key in curated]
        added += new
        if new:
            wanted[name] = _with_safe_key(
                object_at(config, "provider", name), {**object_at(provider), "models": new}, catalog
            )
    edits = tuple(additions(config, {"provider": wanted})) if wanted else ()
    return Merge(edits, tuple(added), tuple(kept), (*_key_notices(config, catalog), *_visibility_notices(config)))


def _with_safe_key(existing: Mapping[str, JsonValue], provider: dict[str, JsonValue], catalog: Catalog) -> JsonValue:
    """The provider, with a key where the person's own choice of SDK would fall back to another key of theirs.

    Raises ConfigError when the only key is in OpenCode's store: naming ours would keep OpenCode from using it.
    """
    if existing.get("npm", provider["npm"]) == SDK["chat"] or "apiKey" in object_at(existing, "options"):
        return provider
    if only_host_has_key(catalog):
        raise ConfigError(
            f"provider.{CHAT}.npm in the configuration is {existing['npm']!r}, which cannot be given a key safely "
            "while only OpenCode's credential store has it",
            code="unsafe_sdk",
            hint=f"export {key_variable(catalog)} with the key, or remove npm from provider.{CHAT}.",
        )
    options = {**object_at(provider, "options"), "apiKey": key_text(catalog)}
    return {**provider, "options": options}


def _refuse_foreign(config: JsonValue, catalog: Catalog) -> None:
    if object_at(config, "providers").keys() & {CHAT, RESPONSES}:
        raise ConfigError(
            f"the configuration has its own entry providers.{CHAT} in OpenCode 2's format, which would hide ours",
            code="native_provider",
            hint=f"Remove it, or move its models to provider.{CHAT}, which OpenCode 1 and 2 both read.",
        )
    for name in (CHAT, RESPONSES):
        url = object_at(config, "provider", name, "options").get("baseURL") or object_at(config, "provider", name).get(
            "api"
        )
        if isinstance(url, str) and url and not _same_proxy(url, catalog.proxy.base_url):
            raise ConfigError(
                f"provider.{name} has another baseURL than the proxy that was read, {catalog.proxy.base_url}",
                code="other_proxy",
                hint=f"Correct provider.{name}.options.baseURL, or read that proxy: --url with the address there.",
            )


def _same_proxy(url: str, base_url: str) -> bool:
    """Whether two addresses mean one proxy; one that OpenCode substitutes at its start gets the benefit of doubt."""
    if "{" in url:
        return True
    try:
        return base_url in {origin.base_url for origin in parse_origins(url, source="the configuration")}
    except UsageError:
        return False


def _key_notices(config: JsonValue, catalog: Catalog) -> list[Notice]:
    notices = []
    moved = [model.id for model in catalog.models if model.transport == "responses"]
    if moved and only_host_has_key(catalog):
        notices.append(
            Notice(
                "key_only_in_host",
                f"only OpenCode's provider {CHAT} has the key, so these use /v1/chat/completions: {', '.join(moved)}. "
                f"For /v1/responses, export {key_variable(catalog)}.",
            )
        )
    if key_variable(catalog) == "OPENAI_API_KEY":
        notices.append(
            Notice(
                "openai_variable",
                "the configuration refers to OPENAI_API_KEY, whatever key that holds later; "
                "better keep the proxy's key in LITELLM_API_KEY.",
            )
        )
    for name in (CHAT, RESPONSES):
        variables = object_at(config, "provider", name).get("env")
        if isinstance(variables, list) and len(variables) != 1:
            text = f"OpenCode passes on a key only when provider.{name}.env has one name; it has {len(variables)}"
            notices.append(Notice("env_not_one", text))
    return notices


def _visibility_notices(config: JsonValue) -> list[Notice]:
    """What else in the same file keeps OpenCode from showing what we add."""
    disabled, enabled = (object_at(config).get(key) for key in ("disabled_providers", "enabled_providers"))
    notices = []
    for name in (CHAT, RESPONSES):
        if isinstance(disabled, list) and name in disabled:
            notices.append(Notice("provider_disabled", f"OpenCode hides {name}: it is in disabled_providers"))
        if isinstance(enabled, list) and name not in enabled:
            notices.append(Notice("provider_not_enabled", f"OpenCode hides {name}: it is not in enabled_providers"))
        notices += [
            Notice("provider_filtered", f"provider.{name}.{key} in the configuration filters what OpenCode shows")
            for key in ("whitelist", "blacklist")
            if key in object_at(config, "provider", name)
        ]
    return notices
