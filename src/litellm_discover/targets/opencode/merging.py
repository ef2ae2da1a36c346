"""How our entries get into a person's OpenCode configuration, and when they must not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from litellm_discover.core.merge import additions
from litellm_discover.core.model import Notice
from litellm_discover.core.origin import parse_origins
from litellm_discover.errors import ConfigError, UsageError

from .entries import CHAT, RESPONSES, SDK, key_text, key_variable, only_host_has_key, render
from .options import object_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litellm_discover.core.jsonc import Edit, JsonValue
    from litellm_discover.core.model import Catalog

    from .entries import ResponsesStyle


@dataclass(frozen=True, slots=True)
class Merge:
    """Edits for one configuration file, and what they mean: ids added, ids left to the person's own entries."""

    edits: tuple[Edit, ...]
    added: tuple[str, ...]
    kept: tuple[str, ...]
    notices: tuple[Notice, ...]


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
    return Merge(edits, tuple(added), tuple(kept), (*_key_notices(catalog), *_visibility_notices(config)))


def _with_safe_key(
    existing: Mapping[str, JsonValue], provider: dict[str, JsonValue], catalog: Catalog
) -> dict[str, JsonValue]:
    """The person's own choice of SDK may be one that falls back to another key of theirs: then name ours."""
    if existing.get("npm", provider["npm"]) == SDK["chat"]:
        return provider
    options = {"apiKey": key_text(catalog), **object_at(provider, "options")}
    return {**provider, "options": options}


def _refuse_foreign(config: JsonValue, catalog: Catalog) -> None:
    if object_at(config, "providers").keys() & {CHAT, RESPONSES}:
        raise ConfigError(
            f"the configuration has its own entry providers.{CHAT} in OpenCode 2's format, which would hide ours",
            code="native_provider",
            hint=f"Remove it, or move its models to provider.{CHAT}, which OpenCode 1 and 2 both read.",
        )
    for name in (CHAT, RESPONSES):
        url = object_at(config, "provider", name, "options").get("baseURL")
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


def _key_notices(catalog: Catalog) -> list[Notice]:
    moved = sum(model.transport == "responses" for model in catalog.models)
    if not (moved and only_host_has_key(catalog)):
        return []
    return [
        Notice(
            "key_only_in_host",
            f"{moved} models would use /v1/responses, but OpenCode has the key for the provider {CHAT} alone: "
            f"they use /v1/chat/completions. For the other route, export {key_variable(catalog)}.",
        )
    ]


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
