"""Typed access to the fields of one JSON object of an answer: what has another type than LiteLLM gives it is absent."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Mapping

T = TypeVar("T")

# Printable ASCII without braces, which could be a reference in a tool's configuration.
_WORD = re.compile(r"[!-z]{1,200}")

MAX_TOKENS = 100_000_000
MAX_PRICE_PER_TOKEN = 1000

# What is looked for in the lists of texts; the rest of them is never kept.
_KNOWN_TEXTS = (
    "/v1/chat/completions",
    "/v1/responses",
    "reasoning_effort",
    "store",
    "prompt_cache_key",
    "max_completion_tokens",
    "cache_control",
    "none",
    "minimal",
    "low",
    "medium",
    "high",
    "xhigh",
    "max",
)


class Fields:
    """One JSON object; a value of the wrong type counts as malformed in ``dropped`` and reads as absent."""

    def __init__(self, fields: Mapping[str, object], dropped: Counter[str]) -> None:
        self._fields = fields
        self._dropped = dropped

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def read(self, name: str, convert: Callable[[object], T | None]) -> T | None:
        """The value as it is converted; None when it is absent, null or cannot be converted."""
        value = self._fields.get(name)
        if value is None:
            return None
        converted = convert(value)
        if converted is None:
            self._dropped["malformed field"] += 1
        return converted

    def tokens(self, name: str) -> int | None:
        """A limit in tokens."""
        # LiteLLM writes 0 for unknown now and then; that is no garbage to be counted.
        return self.read(name, tokens) if self._fields.get(name) != 0 else None


def word(value: object) -> str | None:
    """A name of LiteLLM's own, like a mode or a provider: it is shown and written, so it is plain ASCII."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else None


def flag(value: object) -> bool | None:
    """True or false, and nothing that only looks like it."""
    return value if isinstance(value, bool) else None


def texts(value: object) -> frozenset[str] | None:
    """Of a list those texts that are looked for."""
    return _texts_shared(tuple(text for text in _KNOWN_TEXTS if text in value)) if isinstance(value, list) else None


# Thousands of models state the same few things: their rows share them.
@lru_cache(maxsize=256)
def _texts_shared(found: tuple[str, ...]) -> frozenset[str]:
    return frozenset(found)


def tokens(value: object) -> int | None:
    """A whole number of tokens; floats as ``/model_group/info`` gives them count when they are integral."""
    number = _number(value)
    return int(number) if number is not None and 1 <= number <= MAX_TOKENS and number == int(number) else None


def price(value: object) -> Decimal | None:
    """USD per token, exactly as the proxy wrote it: through ``repr``, the shortest text that reads back equal."""
    number = _number(value)
    return Decimal(repr(number)) if number is not None and 0 <= number <= MAX_PRICE_PER_TOKEN else None


def _number(value: object) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return None if isinstance(value, float) and not math.isfinite(value) else value
