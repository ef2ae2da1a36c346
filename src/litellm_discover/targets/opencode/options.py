"""What the person has set for the proxy in OpenCode's own files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from litellm_discover.core.host import HostOptions
from litellm_discover.targets.opencode.entries import CHAT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from litellm_discover.core.jsonc import JsonValue


def read_options(config: JsonValue, stored: JsonValue, substitute: Callable[[str], str]) -> HostOptions:
    """What the person set for the provider ``litellm`` in OpenCode's configuration and credential store.

    ``substitute`` resolves OpenCode's ``{env:…}`` and ``{file:…}`` in a text. Values of a wrong type are not set.
    """
    options = object_at(config, "provider", CHAT, "options")
    api = object_at(config, "provider", CHAT).get("api")  # OpenCode's second place for the address

    def text(name: str) -> str | None:
        value = options.get(name)
        return substitute(value) or None if isinstance(value, str) else None

    def texts(name: str) -> tuple[str, ...]:
        value = options.get(name)
        return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()

    headers = {**object_at(options, "headers"), **object_at(options, "customHeaders")}
    stored_key = object_at(stored, CHAT).get("key")
    return HostOptions(
        base_url=text("baseURL") or (substitute(api) if isinstance(api, str) else None),
        api_key=text("apiKey"),
        api_key_variable=_variable_in(options.get("apiKey")),
        stored_key=stored_key if isinstance(stored_key, str) else None,
        headers={name: substitute(value) for name, value in headers.items() if isinstance(value, str)},
        transport=text("transport"),
        responses_models=texts("responsesApiModels"),
        chat_models=texts("chatApiModels"),
        include=texts("includeModels"),
        exclude=texts("excludeModels"),
    )


def _variable_in(api_key: JsonValue) -> str | None:
    """The variable that an ``apiKey`` refers to and consists of."""
    match = re.fullmatch(r"\{env:([^}]+)\}", api_key) if isinstance(api_key, str) else None
    return match[1] if match else None


def object_at(value: object, *path: str) -> Mapping[str, JsonValue]:
    """The object at ``path``, or an empty one where something else or nothing is there."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return cast("Mapping[str, JsonValue]", value) if isinstance(value, dict) else {}
