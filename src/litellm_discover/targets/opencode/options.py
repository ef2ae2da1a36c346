"""What the person has set for the proxy in OpenCode's own files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from litellm_discover.core.host import HostOptions
from litellm_discover.core.ownership import members_at
from litellm_discover.core.providers import CHAT, RESPONSES
from litellm_discover.targets.opencode.entries import NAME

if TYPE_CHECKING:
    from litellm_discover.core.host import Lookup
    from litellm_discover.core.jsonc import JsonValue


def read_options(config: JsonValue, stored: JsonValue, lookup: Lookup) -> HostOptions:
    """What the person set for the provider ``litellm`` in OpenCode's configuration and credential store.

    ``lookup`` follows OpenCode's ``{env:…}`` and ``{file:…}`` in a text. Values of a wrong type are not set.
    """

    def substitute(text: str) -> str:
        """An unset variable and a missing file are empty, as for OpenCode."""
        text = re.sub(r"\{env:([^}]+)\}", lambda match: lookup.variable(match[1]) or "", text)
        return re.sub(r"\{file:([^}]+)\}", lambda match: lookup.file(match[1].strip()), text)

    options = members_at(config, "provider", CHAT, "options")
    api = members_at(config, "provider", CHAT).get("api")  # OpenCode's second place for the address

    def text(name: str) -> str | None:
        value = options.get(name)
        return substitute(value) or None if isinstance(value, str) else None

    def texts(name: str) -> tuple[str, ...]:
        value = options.get(name)
        return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()

    headers = {**members_at(options, "headers"), **members_at(options, "customHeaders")}
    stored_key = members_at(stored, CHAT).get("key")
    return HostOptions(
        name=NAME,
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
        selected=_selected(config),
    )


def _selected(config: JsonValue) -> str | None:
    """The id of the proxy's model in ``model``, which is ``provider/id``."""
    model = config.get("model") if isinstance(config, dict) else None
    provider, _, model_id = model.partition("/") if isinstance(model, str) else ("", "", "")
    return model_id or None if provider in {CHAT, RESPONSES} else None


def _variable_in(api_key: JsonValue) -> str | None:
    """The variable that an ``apiKey`` refers to and consists of."""
    match = re.fullmatch(r"\{env:([^}]+)\}", api_key) if isinstance(api_key, str) else None
    return match[1] if match else None
