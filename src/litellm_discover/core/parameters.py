"""Which request parameters the backend behind a model takes, on the route that the model is called on.

A proxy without ``drop_params`` answers 400 to a parameter that its backend does not know, so an agent that always sends
one cannot use such a model at all. The measured matrix is in docs/parameters.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from litellm_discover.core.transport import is_openai_s

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litellm_discover.core.model import Transport
    from litellm_discover.core.payloads import Row

# What LiteLLM may list as supported, of that what agents send unasked.
LISTED = ("store", "prompt_cache_key", "max_completion_tokens")


@dataclass(frozen=True, slots=True)
class _Backend:
    """What one kind of backend refuses behind LiteLLM 1.106.2, by route; it takes the rest of LISTED."""

    chat: frozenset[str] = frozenset()
    responses: frozenset[str] = frozenset()

    def refused(self, transport: Transport) -> frozenset[str]:
        return self.chat if transport == "chat" else self.responses


_BOTH = frozenset({"store", "prompt_cache_key"})

_OPEN = _Backend()
# LiteLLM translates each request for it: what the backend has no word for is refused.
_TRANSLATED = _Backend(chat=_BOTH, responses=frozenset({"prompt_cache_key"}))
# Translated on the chat route only: /v1/responses reaches the backend as it is.
_NATIVE_RESPONSES = _Backend(chat=_BOTH)
_FIREWORKS = _Backend(chat=frozenset({"store"}))

_CLAUDE = re.compile(r"claude", re.IGNORECASE)
_GPT = re.compile(r"gpt", re.IGNORECASE)
_ANY = re.compile("")

# By LiteLLM's name of the provider, and where it serves several families by the name of the model.
_BY_PROVIDER: tuple[tuple[re.Pattern[str], re.Pattern[str], _Backend], ...] = (
    (re.compile(r"databricks"), _GPT, _NATIVE_RESPONSES),
    (re.compile(r"xai"), _ANY, _NATIVE_RESPONSES),
    (re.compile(r"azure_ai"), _CLAUDE, _TRANSLATED),
    (re.compile(r"anthropic|bedrock.*|databricks|gemini|mistral|ollama.*|vertex_ai.*"), _ANY, _TRANSLATED),
    (re.compile(r"fireworks_ai"), _ANY, _FIREWORKS),
    (re.compile(r"azure|azure_ai|deepseek|groq|hosted_vllm|lm_studio|openai|openrouter|together_ai"), _ANY, _OPEN),
)

# When the proxy does not tell the provider: the families that are nearly always behind one kind of backend.
_BY_FAMILY: tuple[tuple[re.Pattern[str], _Backend], ...] = (
    (re.compile(r"claude|gemini|databricks|(?:mi|mag|mini|code|dev|pix)stral", re.IGNORECASE), _TRANSLATED),
    (re.compile(r"grok", re.IGNORECASE), _NATIVE_RESPONSES),
    (re.compile(r"(?:^|/)(?:(?:chat)?gpt-(?!oss)|o[134](?=$|-))", re.IGNORECASE), _OPEN),
)


def listed_anywhere(rows: Iterable[Row]) -> frozenset[str]:
    """The parameters that at least one model of an answer lists.

    LiteLLM 1.53 and 1.72 list some for none although they forward them: only of these does a list mean its silence.
    """
    return frozenset().union(*(row.parameters for row in rows if row.parameters is not None))


def parameters(
    row: Row, transport: Transport, efforts: tuple[str, ...] | None, listed: frozenset[str]
) -> tuple[dict[str, bool], bool]:
    """Which parameters the backend takes, and whether the proxy itself said any of it.

    True is taken, False is refused, and what is missing is unknown. Beside those of LISTED: ``reasoning_effort``;
    ``developer``, the role of that name, which OpenAI's reasoning models want in place of ``system``; and
    ``cache_control``, the marks without which Claude caches nothing. The proxy's lists describe the chat route; for the
    other one, and where they cannot be trusted, what was measured of the kind of backend holds. LiteLLM sends a request
    to any of the deployments of a model: one that refuses is enough, and all have to take it.
    """
    each = [_taken(deployment, transport, listed) for deployment in row.deployments or (row,)]
    found: dict[str, bool] = {}
    for parameter in dict.fromkeys(name for taken, _ in each for name in taken):
        answers = {taken.get(parameter) for taken, _ in each}
        if False in answers or answers == {True}:
            found[parameter] = False not in answers
    if efforts is not None:
        found["reasoning_effort"] = bool(efforts)
    return found, any(stated for _, stated in each)


def _taken(row: Row, transport: Transport, listed: frozenset[str]) -> tuple[dict[str, bool], bool]:
    """What one deployment takes, and whether the proxy said any of it."""
    name = row.behind
    backend = _backend(row.provider, name, described=bool(row.flags))
    found: dict[str, bool] = {}
    stated = False
    for parameter in LISTED:
        if transport == "chat" and parameter in (row.allowed or ()):
            takes, from_list = True, True
        elif transport == "chat" and row.parameters is not None and parameter in listed:
            takes, from_list = parameter in row.parameters, True
        elif backend is not None:
            takes, from_list = parameter not in backend.refused(transport), False
        else:
            continue
        # What LiteLLM forwards, a third party that speaks OpenAI's protocol may refuse all the same.
        if not (takes and row.foreign):
            found[parameter] = takes
            stated = stated or from_list
    if is_openai_s(row):
        found["developer"] = True
    if transport == "chat" and ("cache_control" in (row.parameters or ()) or (backend and _CLAUDE.search(name))):
        found["cache_control"] = True
    return found, stated


@lru_cache(maxsize=512)  # thousands of models have the same few behind them
def _backend(provider: str | None, name: str, *, described: bool) -> _Backend | None:
    """The kind of backend; None when nothing is known of it, and then nothing is concluded."""
    if provider is None:
        by_family = next((backend for family, backend in _BY_FAMILY if family.search(name)), None)
        # Described, but without a provider: it is one that LiteLLM has no entry for, like a model of Ollama.
        return None if by_family is _OPEN and described else by_family
    kinds = (backend for kind, family, backend in _BY_PROVIDER if kind.fullmatch(provider) and family.search(name))
    return next(kinds, None)
