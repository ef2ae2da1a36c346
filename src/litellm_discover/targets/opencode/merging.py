"""How our entries get into a person's OpenCode configuration, and when they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litellm_discover.core.jsonc import Remove
from litellm_discover.core.merge import Merge, reconcile
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
    from collections.abc import Iterable, Iterator, Mapping

    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.model import Catalog
    from litellm_discover.core.ownership import Path, Present
    from litellm_discover.core.transport import ResponsesStyle


def merge(present: Present, catalog: Catalog, style: ResponsesStyle = "sibling", *, prune: bool = True) -> Merge:
    """How to bring a person's configuration up to the catalog without changing what is theirs.

    A model whose key the person has under either provider is theirs: it is left as it is and added to neither. What
    we wrote ourselves, and they did not change since, is renewed; with ``prune`` a model that the proxy no longer has
    is taken out. Neither happens to a model on the word of a catalog that is not complete, or that is empty.

    Raises ConfigError when the configuration speaks of another proxy, or of one in OpenCode 2's own format.
    """
    config, owned = present.config, present.owned
    _refuse_foreign(present, catalog)
    settled = catalog.complete and bool(catalog.models)
    curated = {path[-1] for path in _model_paths(config) if path not in owned}
    wanted: dict[Path, JsonValue] = {}
    kept: list[str] = []
    for name, provider in object_at(render(catalog, style), "provider").items():
        models = object_at(provider, "models")
        new = {key: entry for key, entry in models.items() if key not in curated}
        kept += [key for key in models if key in curated]
        if new:
            fields = {**object_at(provider), "models": new}
            wanted |= _units(name, _with_safe_key(object_at(config, "provider", name), fields, catalog))
    done = reconcile(present, wanted, update=lambda path: settled or not _is_model(path))
    gone = _gone(present, wanted) if settled and prune else frozenset()
    unwanted = [path for path in owned if path not in wanted]
    taken = {path for path in unwanted if path[:2] in gone or path in gone}
    return Merge(
        edits=(*done.edits, *(Remove(path) for path in sorted(gone))),
        record={**{path: owned[path] for path in unwanted if path not in taken}, **done.record},
        added=_model_ids(done.added),
        updated=_model_ids(done.updated),
        removed=_model_ids(sorted(taken)),
        kept=tuple(kept),
        notices=(*_key_notices(config, catalog), *_visibility_notices(config)),
    )


def _units(name: str, provider: Mapping[str, JsonValue]) -> dict[Path, JsonValue]:
    """What is ours or the person's piece by piece: each field of a provider, each of its options, each model."""
    units: dict[Path, JsonValue] = {}
    for key, value in provider.items():
        if key in {"options", "models"}:
            units |= {("provider", name, key, inner): item for inner, item in object_at(value).items()}
        else:
            units["provider", name, key] = value
    return units


def _gone(present: Present, wanted: Mapping[Path, JsonValue]) -> frozenset[Path]:
    """What to take out: our models that are not wanted, or a whole provider when nothing in it is the person's."""
    gone: list[Path] = []
    for name in (CHAT, RESPONSES):
        provider = object_at(present.config, "provider", name)
        ours = [path for path in present.owned if path[:2] == ("provider", name)]
        if (
            ours
            and not any(path[:2] == ("provider", name) for path in wanted)
            and _units(name, provider).keys() <= set(ours)
        ):
            gone.append(("provider", name))
        else:
            gone += [path for path in ours if _is_model(path) and path not in wanted]
    return frozenset(gone)


def _model_paths(config: JsonValue) -> Iterator[Path]:
    for name in (CHAT, RESPONSES):
        for key in object_at(config, "provider", name, "models"):
            yield ("provider", name, "models", key)


def _is_model(path: Path) -> bool:
    return len(path) == 4 and path[2] == "models"


def _model_ids(paths: Iterable[Path]) -> tuple[str, ...]:
    return tuple(path[-1] for path in paths if _is_model(path))


def _with_safe_key(
    existing: Mapping[str, JsonValue], provider: dict[str, JsonValue], catalog: Catalog
) -> dict[str, JsonValue]:
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


def _refuse_foreign(present: Present, catalog: Catalog) -> None:
    """An address that we wrote ourselves is no obstacle: it is renewed like everything else of ours."""
    config = present.config
    if object_at(config, "providers").keys() & {CHAT, RESPONSES}:
        raise ConfigError(
            f"the configuration has its own entry providers.{CHAT} in OpenCode 2's format, which would hide ours",
            code="native_provider",
            hint=f"Remove it, or move its models to provider.{CHAT}, which OpenCode 1 and 2 both read.",
        )
    for name in (CHAT, RESPONSES):
        provider = object_at(config, "provider", name)
        url = object_at(provider, "options").get("baseURL") or provider.get("api")
        ours = ("provider", name, "options", "baseURL") in present.owned
        if isinstance(url, str) and url and not ours and not _same_proxy(url, catalog.proxy.base_url):
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
