"""How our entries get into a person's OpenCode configuration, and when they must not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from litellm_discover.core.host import AS_NEWEST
from litellm_discover.core.model import Notice, key_variable
from litellm_discover.core.ownership import members_at
from litellm_discover.core.providers import MODELS, Shape, merge_providers, names_of, refuse_other_proxy
from litellm_discover.errors import ConfigError
from litellm_discover.targets.opencode.entries import (
    NAME,
    SDK,
    key_text,
    only_opencode_has_key,
    providers_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from litellm_discover.core.host import Rendering
    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.merge import Merge
    from litellm_discover.core.model import Catalog
    from litellm_discover.core.ownership import Present

SHAPE = Shape(root="provider", address=("options", "baseURL"), parts=frozenset({"options", MODELS}))


def merge(present: Present, catalog: Catalog, rendering: Rendering = AS_NEWEST, *, prune: bool = True) -> Merge:
    """How to bring a person's configuration up to the catalog: see merge_providers.

    Raises ConfigError when the configuration speaks of another proxy, or of one in OpenCode 2's own format.
    """
    config = present.config
    names = names_of(catalog.proxy.id)
    _refuse_native(config, names)
    refuse_other_proxy(SHAPE, present, _addresses(config, names), catalog)

    def finish(name: str, provider: dict[str, JsonValue]) -> dict[str, JsonValue]:
        return _with_safe_key(members_at(config, "provider", name), provider, catalog)

    done = merge_providers(SHAPE, present, providers_of(catalog, rendering), catalog, finish=finish, prune=prune)
    return replace(done, notices=(*_key_notices(config, catalog), *_visibility_notices(config, names)))


def _addresses(config: JsonValue, names: Iterable[str]) -> dict[str, JsonValue]:
    providers = {name: members_at(config, "provider", name) for name in names}
    return {
        name: members_at(fields, "options").get("baseURL") or fields.get("api") for name, fields in providers.items()
    }


def _with_safe_key(
    existing: Mapping[str, JsonValue], provider: dict[str, JsonValue], catalog: Catalog
) -> dict[str, JsonValue]:
    """The provider, with a key where the person's own choice of SDK would fall back to another key of theirs.

    Raises ConfigError when the only key is in OpenCode's store: naming ours would keep OpenCode from using it.
    """
    if existing.get("npm", provider["npm"]) == SDK["chat"] or "apiKey" in members_at(existing, "options"):
        return provider
    if only_opencode_has_key(catalog):
        first, _ = names_of(catalog.proxy.id)
        raise ConfigError(
            f"provider.{first}.npm in the configuration is {existing['npm']!r}, which cannot be given a key safely "
            "while only OpenCode's credential store has it",
            code="unsafe_sdk",
            hint=f"export {catalog.proxy.key_variable} with the key, or remove npm from provider.{first}.",
        )
    options = {**members_at(provider, "options"), "apiKey": key_text(catalog)}
    return {**provider, "options": options}


def _refuse_native(config: JsonValue, names: tuple[str, str]) -> None:
    if members_at(config, "providers").keys() & {*names}:
        raise ConfigError(
            f"the configuration has its own entry providers.{names[0]} in OpenCode 2's format, which would hide ours",
            code="native_provider",
            hint=f"Remove it, or move its models to provider.{names[0]}, which OpenCode 1 and 2 both read.",
        )


def _key_notices(config: JsonValue, catalog: Catalog) -> list[Notice]:
    notices = []
    first, _ = names = names_of(catalog.proxy.id)
    moved = [model.id for model in catalog.models if model.transport == "responses"]
    if moved and only_opencode_has_key(catalog):
        notices.append(
            Notice(
                "key_only_in_host",
                f"only OpenCode's provider {first} has the key, so these use /v1/chat/completions: {', '.join(moved)}. "
                f"For /v1/responses, export {catalog.proxy.key_variable}.",
            )
        )
    key = catalog.proxy.key
    own = members_at(config, "provider", first, "options").get("apiKey")
    if key and key.host not in {None, NAME} and own in {None, key_text(catalog)}:
        text = f"only {key.host} has the key; OpenCode has none for these models until you export {key.variable}"
        notices.append(Notice("key_not_in_tool", text))
    if catalog.proxy.key_variable == "OPENAI_API_KEY":
        notices.append(
            Notice(
                "openai_variable",
                "the configuration refers to OPENAI_API_KEY, whatever key that holds later; "
                f"better keep the proxy's key in {key_variable(catalog.proxy.id)}.",
            )
        )
    for name in names:
        variables = members_at(config, "provider", name).get("env")
        if isinstance(variables, list) and len(variables) != 1:
            text = f"OpenCode passes on a key only when provider.{name}.env has one name; it has {len(variables)}"
            notices.append(Notice("env_not_one", text))
    return notices


def _visibility_notices(config: JsonValue, names: Iterable[str]) -> list[Notice]:
    """What else in the same file keeps OpenCode from showing what we add."""
    disabled, enabled = (members_at(config).get(key) for key in ("disabled_providers", "enabled_providers"))
    notices = []
    for name in names:
        if isinstance(disabled, list) and name in disabled:
            notices.append(Notice("provider_disabled", f"OpenCode hides {name}: it is in disabled_providers"))
        if isinstance(enabled, list) and name not in enabled:
            notices.append(Notice("provider_not_enabled", f"OpenCode hides {name}: it is not in enabled_providers"))
        notices += [
            Notice("provider_filtered", f"provider.{name}.{key} in the configuration filters what OpenCode shows")
            for key in ("whitelist", "blacklist")
            if key in members_at(config, "provider", name)
        ]
    return notices
