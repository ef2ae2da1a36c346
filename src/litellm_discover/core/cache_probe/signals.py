"""What the answer to one request of a probe tells of caches. Nothing of its text is taken."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from litellm_discover.core.fields import MAX_TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# On an answer of the proxy's own response cache alone.
_REPLAYED = "x-litellm-cache-key"
_DEPLOYMENT = "x-litellm-model-id"
_COST = "x-litellm-response-cost"
_FALLBACKS = "x-litellm-attempted-fallbacks"
HEADERS = (_REPLAYED, _DEPLOYMENT, _COST, _FALLBACKS)
"""The header fields of an answer that tell something."""

_MAX_HEADER = 200
_MAX_USD = 1000
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,30})?(?:[eE]-?\d{1,3})?")

# Where the members of ``usage`` are: on the chat route, on the other one, and as backends themselves name them.
_TOTAL = (("prompt_tokens",), ("input_tokens",))
_CACHED = (
    ("prompt_tokens_details", "cached_tokens"),
    ("input_tokens_details", "cached_tokens"),
    ("cache_read_input_tokens",),
    ("prompt_cache_hit_tokens",),
)
_WRITTEN = (
    ("cache_creation_input_tokens",),
    ("prompt_tokens_details", "cache_creation_tokens"),
    ("prompt_tokens_details", "cache_write_tokens"),
    ("input_tokens_details", "cache_write_tokens"),
)


@dataclass(frozen=True, slots=True)
class Signals:
    """Tokens that went in, of these from a cache and into one; None is not stated.

    ``replayed`` when the proxy answered from its own response cache, ``fell_back`` when another model answered.
    ``deployment`` tells deployments of a model apart; ``usd`` is what the proxy counts for it.
    """

    total: int | None = None
    cached: int | None = None
    written: int | None = None
    replayed: bool = False
    fell_back: bool = False
    deployment: str | None = None
    usd: Decimal | None = None

    @property
    def share(self) -> float:
        """How much of what went in came from a cache, from 0 to 1."""
        return min(1.0, (self.cached or 0) / self.total) if self.total else 0.0


def signals(headers: Mapping[str, str], body: object) -> Signals:
    """What an answer tells; a value that cannot be is absent."""
    usage = body.get("usage") if isinstance(body, dict) else None
    cached, written = _most(usage, _CACHED), _most(usage, _WRITTEN)
    total = _most(usage, _TOTAL)
    # LiteLLM counts all that goes in; some versions and gateways count as Anthropic does, without the cached part.
    if total is not None and total < (cached or 0) + (written or 0):
        total += (cached or 0) + (written or 0)
    return Signals(
        total=total,
        cached=cached,
        written=written,
        replayed=_REPLAYED in headers,
        fell_back=headers.get(_FALLBACKS, "0").strip() != "0",
        deployment=headers.get(_DEPLOYMENT, "")[:_MAX_HEADER] or None,
        usd=_usd(headers.get(_COST, "")),
    )


def _most(usage: object, paths: Iterable[tuple[str, ...]]) -> int | None:
    """The largest of the counts at these places: a gateway fills in one, and leaves 0 in another."""
    counts = (_count(_at(usage, path)) for path in paths)
    return max((count for count in counts if count is not None), default=None)


def _at(value: object, path: Iterable[str]) -> object:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _count(value: object) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_TOKENS
    return value if is_count and isinstance(value, int) else None


def _usd(text: str) -> Decimal | None:
    if not _NUMBER.fullmatch(text):
        return None
    try:
        usd = Decimal(text)
    except InvalidOperation:
        return None
    return usd if usd <= _MAX_USD else None
