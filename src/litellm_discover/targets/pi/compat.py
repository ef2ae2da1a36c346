"""What Pi must be told about requests: the parameters that it would send unasked and the backend refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litellm_discover.core.host import Version
    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.model import Model, Transport

# compat.promptCacheKeyMode is ignored by older versions, samplingParams by those before.
FIRST_WITH_KEY_MODE = (1, 5, 1)
FIRST_WITH_SAMPLING_PARAMS = (0, 84, 0)


def request_fields(model: Model, version: Version | None) -> tuple[Transport, dict[str, JsonValue]]:
    """The route of a model, and the fields of its entry that keep refused parameters from being sent.

    On the responses route Pi always sends ``prompt_cache_key``. A version that can be told neither not to send it nor
    to send null, which LiteLLM drops, gets the model on the chat route.
    """
    if model.transport == "chat":
        return "chat", _chat(model, version, model.parameters)
    if model.parameters.get("prompt_cache_key") is not False:
        return "responses", {}
    if has(version, FIRST_WITH_KEY_MODE):
        return "responses", {"compat": {"promptCacheKeyMode": "disabled"}}
    if has(version, FIRST_WITH_SAMPLING_PARAMS):
        return "responses", {"samplingParams": {"prompt_cache_key": None}}
    # The rest of what holds on the other route says nothing of this one.
    known = {name: model.parameters[name] for name in ("developer", "reasoning_effort") if name in model.parameters}
    return "chat", _chat(model, version, {**known, "prompt_cache_key": False})


def _chat(model: Model, version: Version | None, takes: Mapping[str, bool]) -> dict[str, JsonValue]:
    """Flags for the chat route, where Pi sends ``store`` unasked, and ``developer`` for reasoning models.

    Both are left out unless they are known to be taken: to leave them out breaks nothing.
    """
    compat: dict[str, JsonValue] = {
        "supportsStore": takes.get("store") is True,
        "supportsDeveloperRole": takes.get("developer") is True,
    }
    if model.reasoning and takes.get("reasoning_effort") is False:
        compat["supportsReasoningEffort"] = False
    if takes.get("max_completion_tokens") is False:
        compat["maxTokensField"] = "max_tokens"
    if takes.get("cache_control"):
        compat["cacheControlFormat"] = "anthropic"
    if takes.get("prompt_cache_key") is False:
        # Sent only with PI_CACHE_RETENTION=long. Older versions have one switch for that and for the longer life of
        # Claude's cache.
        compat |= (
            {"promptCacheKeyMode": "disabled"}
            if has(version, FIRST_WITH_KEY_MODE)
            else {"supportsLongCacheRetention": False}
        )
    return {"compat": compat}


def has(version: Version | None, first: Version) -> bool:
    """Whether a version is that or newer; one that was not found counts as the newest."""
    return version is None or version >= first
