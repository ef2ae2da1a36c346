"""What a description tells of the deployment behind a model: which model it calls, and whether its maker serves it.

It stands in ``litellm_params``, beside addresses and other internals of the proxy. Of those nothing is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from litellm_discover.core.fields import word
from litellm_discover.core.ids import MAX_ID_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# LiteLLM's names for "speaks OpenAI's protocol"; without a name of its own, it is OpenAI's.
_OPENAI_PROTOCOL = frozenset({"openai", "text-completion-openai", "custom_openai", "openai_like"})

# Who serves OpenAI's models under one of these names is OpenAI, or Microsoft for it.
_MAKERS = ("api.openai.com", "openai.azure.com", "cognitiveservices.azure.com", "services.ai.azure.com")

_MAX_ROUTES = 16


def backend(params: Mapping[str, object]) -> str | None:
    """The model that LiteLLM calls, with the prefix of its provider."""
    return word(params.get("model"))


def is_foreign(params: Mapping[str, object], provider: str | None) -> bool:
    """Whether somebody other than OpenAI answers in OpenAI's protocol, at an address of their own."""
    address = params.get("api_base")
    if not isinstance(address, str) or not address:
        return False
    prefix, slash, _ = (backend(params) or "").partition("/")
    if (provider or (prefix if slash else "openai")) not in _OPENAI_PROTOCOL:
        return False
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return True
    return not any(host == maker or host.endswith(f".{maker}") for maker in _MAKERS)


def routes(params: Mapping[str, object]) -> tuple[str, ...] | None:
    """The models among which a complexity router chooses; None for anything else, and if they cannot be read."""
    config = params.get("complexity_router_config")
    tiers = config.get("tiers") if isinstance(config, dict) else None
    if not isinstance(tiers, dict) or not tiers:
        return None
    names = [name for tier in tiers.values() for name in _names(tier)]
    default = params.get("complexity_router_default_model")
    if default is not None:
        names.append(default)
    known = [name for name in dict.fromkeys(map(_name, names)) if name is not None]
    return tuple(known) if None not in map(_name, names) and 0 < len(known) <= _MAX_ROUTES else None


def _names(tier: object) -> Iterator[object]:
    """A tier is the name of a model, or a list of names and of objects with ``model_name``."""
    for entry in tier if isinstance(tier, list) else [tier]:
        yield entry.get("model_name") if isinstance(entry, dict) else entry


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= MAX_ID_LENGTH else None
