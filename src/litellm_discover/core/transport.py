"""Which of the proxy's two routes a model is called on."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from litellm_discover.core.ids import last_segment

if TYPE_CHECKING:
    from collections.abc import Callable

    from litellm_discover.core.model import Transport
    from litellm_discover.core.options import TransportOptions
    from litellm_discover.core.payloads import Row

# POST /v1/responses is a 404 in LiteLLM 1.63.5 and answers in 1.63.8.
FIRST_VERSION_WITH_RESPONSES = (1, 63, 8)

_CHAT_ENDPOINT = "/v1/chat/completions"
_RESPONSES_ENDPOINT = "/v1/responses"

_OPENAI_REASONING = re.compile(
    r"(?:ft:|(?:[a-z-]+\.)?openai\.|databricks-)?"
    r"(?:gpt-[5-9](?!\d)|o[134]|(?:gpt-)?daybreak|codex-mini|computer-use-preview)(?=$|[-.:@])"
)
# o1-mini and o1-preview take neither tools nor an effort, and are not on the responses route.
_NOT_REASONING = re.compile(r"-(?:chat|search)(?=$|[-.:@])|(?:^|[.:])o1-(?:mini|preview)(?=$|[-.:@])")
# LiteLLM's route to the subscription has nothing else.
_RESPONSES_ONLY = "chatgpt/"


@lru_cache(maxsize=512)  # thousands of models have the same few behind them
def is_openai_reasoning(model_id: str) -> bool:
    """Whether the last path segment is of OpenAI's reasoning family: gpt-5 and later, o1, o3, o4, and their kin.

    OpenAI refuses function tools together with ``reasoning_effort`` for these on ``/v1/chat/completions``.
    The family's ``-chat`` and ``-search`` models do not reason.
    """
    segment = last_segment(model_id).lower()
    return bool(_OPENAI_REASONING.match(segment)) and not _NOT_REASONING.search(segment)


def is_openai_s(row: Row) -> bool:
    """Whether OpenAI's reasoning family is behind a model, whatever its name, and OpenAI or Azure serves it.

    Of several deployments each has to be, and a router is not: what it sends where is its own affair.
    """
    if row.deployments:
        return row.routes is None and all(is_openai_s(deployment) for deployment in row.deployments)
    return not row.foreign and is_openai_reasoning(row.behind)


@lru_cache(maxsize=8)
def parse_version(text: str | None) -> tuple[int, ...] | None:
    """``1.63.8`` as ``(1, 63, 8)``; what follows the third number is left out; None when it is no version."""
    match = re.match(r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?!\d)", text or "")
    return tuple(int(part) for part in match.groups()) if match else None


def choose_transport(row: Row, options: TransportOptions, version: str | None) -> tuple[Transport, str]:
    """The route for one model and the source of the decision. The first rule that has an opinion wins."""
    known = parse_version(version)
    if known is not None and known < FIRST_VERSION_WITH_RESPONSES:
        return "chat", "rule:no-responses-before-1.63.8"
    for source, decide in _RULES:
        if (transport := decide(row, options)) is not None:
            return transport, source
    return "chat", "rule:chat-unless-stated"


def _by_id(row: Row, options: TransportOptions) -> Transport | None:
    if row.id in options.responses_models:
        return "responses"
    return "chat" if row.id in options.chat_models else None


def _by_option(_row: Row, options: TransportOptions) -> Transport | None:
    return None if options.transport == "auto" else options.transport


def _by_mode(row: Row, _options: TransportOptions) -> Transport | None:
    return "responses" if row.mode == "responses" else None


def _by_endpoints(row: Row, _options: TransportOptions) -> Transport | None:
    """An opinion only when exactly one of the two routes is listed."""
    listed = (row.endpoints or frozenset()) & {_CHAT_ENDPOINT, _RESPONSES_ENDPOINT}
    if len(listed) != 1:
        return None
    return "responses" if _RESPONSES_ENDPOINT in listed else "chat"


def _by_family(row: Row, _options: TransportOptions) -> Transport | None:
    """An alias has the family of the model behind it; whoever else speaks OpenAI's protocol need not have the route."""
    return "responses" if is_openai_s(row) or row.behind.startswith(_RESPONSES_ONLY) else None


_RULES: tuple[tuple[str, Callable[[Row, TransportOptions], Transport | None]], ...] = (
    ("user:models", _by_id),
    ("user:transport", _by_option),
    ("proxy:mode", _by_mode),
    ("proxy:supported_endpoints", _by_endpoints),
    ("rule:openai-reasoning-family", _by_family),
)
